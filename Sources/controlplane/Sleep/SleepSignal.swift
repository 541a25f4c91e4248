internal import FoundationEssentials

/// logind's word that the host is about to sleep, or awake again, as `busctl --json=short monitor`
/// prints it.
struct SleepSignal: Equatable, Sendable {
    let goesToSleep: Bool

    /// The bus knows who logind is, and shows us nobody else's.
    static let match =
        "type='signal',sender='org.freedesktop.login1',interface='\(interface)',member='\(member)'"

    private static let interface = "org.freedesktop.login1.Manager"
    private static let member = "PrepareForSleep"

    /// nil for any other line.
    init?(_ line: some StringProtocol) {
        guard let message = try? JSONDecoder().decode(Printed.self, from: Data(line.utf8)),
            message.interface == Self.interface, message.member == Self.member,
            message.payload.data.count == 1
        else { return nil }
        goesToSleep = message.payload.data[0]
    }

    private struct Printed: Decodable {
        struct Payload: Decodable { let data: [Bool] }
        let interface: String?
        let member: String?
        let payload: Payload
    }
}
