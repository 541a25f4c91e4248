internal import FoundationEssentials

/// The bus daemon's word that a name has another owner, or none: `NameOwnerChanged` of the D-Bus
/// specification, as `busctl --json=short monitor` prints it.
struct OwnerChange: Equatable, Sendable {
    let name: String
    /// False where the name is nobody's now.
    let isOwned: Bool

    /// nil for any other line.
    init?(_ line: some StringProtocol) {
        guard let message = try? JSONDecoder().decode(Printed.self, from: Data(line.utf8)),
            message.member == "NameOwnerChanged", message.sender == "org.freedesktop.DBus",
            message.payload.data.count == 3
        else { return nil }
        name = message.payload.data[0]
        isOwned = !message.payload.data[2].isEmpty
    }

    private struct Printed: Decodable {
        struct Payload: Decodable { let data: [String] }
        let sender: String?
        let member: String?
        let payload: Payload
    }
}
