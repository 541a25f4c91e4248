internal import CLinux
internal import Glibc

/// Who may change something over the bus: root, the group of the API's socket, and whom polkit
/// allows it.
struct BusRights: Sendable {
    let link: BusLink

    func mayManage(_ call: BusCall) async -> Bool {
        guard !call.sender.isEmpty else { return false }
        if let user = await user(of: call.sender), Self.isTrusted(user) { return true }
        return await polkitAllows(call)
    }

    /// Root and members of the group, as the host's accounts have them now.
    static func isTrusted(
        _ user: UInt32,
        groups: (UInt32) -> [UInt32] = ProcessUser.groups(of:),
        trusted: () -> UInt32? = { ProcessUser.group(named: APISocket.group) }
    ) -> Bool {
        if user == 0 { return true }
        guard let group = trusted() else { return false }
        return groups(user).contains(group)
    }

    /// As the bus itself saw it when the sender connected.
    private func user(of sender: String) async -> UInt32? {
        let answer = try? await link.call(
            Self.driver, "GetConnectionUnixUser", [.string(sender)])
        guard case .uint32(let user)? = answer?.first else { return nil }
        return user
    }

    /// False, too, where there is no polkit.
    private func polkitAllows(_ call: BusCall) async -> Bool {
        let subject = BusValue.structure([
            .string("system-bus-name"),
            .properties([BusProperty("name", .string(call.sender))]),
        ])
        let answer = try? await link.call(
            Self.polkit, "CheckAuthorization",
            [
                subject, .string(BusSchema.polkitAction), .array(of: "{ss}", []),
                // 1: a person may be asked for a password.
                .uint32(call.isInteractive ? 1 : 0), .string(""),
            ],
            limit: call.isInteractive ? .seconds(120) : .seconds(25))
        return answer?.first == .bool(true)
    }

    static let driver = BusLink.Target(
        service: "org.freedesktop.DBus", path: "/org/freedesktop/DBus",
        interface: "org.freedesktop.DBus")

    private static let polkit = BusLink.Target(
        service: "org.freedesktop.PolicyKit1", path: "/org/freedesktop/PolicyKit1/Authority",
        interface: "org.freedesktop.PolicyKit1.Authority")
}
