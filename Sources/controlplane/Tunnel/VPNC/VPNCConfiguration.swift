/// vpnc's configuration, as it reads it from its standard input (vpnc(8)). It holds the secrets,
/// which is why it is never a file and never a command line.
enum VPNCConfiguration {
    /// vpnc reads lines of at most so many bytes, and takes the rest for another line.
    private static let lineBytesMax = 199

    /// - Parameters:
    ///   - address: the concentrator's address as a literal, when somebody resolved it.
    /// - Throws: what vpnc would misunderstand.
    static func render(
        _ client: VPNCClient, address: String?, groupSecret: SecretValue, password: SecretValue
    ) throws(Failure) -> [UInt8] {
        let gateway = address ?? client.host
        guard !gateway.contains(":") else {
            let found =
                gateway == client.host
                ? "the gateway \(gateway) is an IPv6 address"
                : "the gateway \(client.host) has an IPv6 address only (\(gateway))"
            throw Failure(
                .configuration,
                "\(found), and vpnc speaks IPv4 only; give `gateway` a name that has an IPv4 "
                    + "address, or that address itself")
        }
        var text = try line("IPSec gateway", Array(gateway.utf8), "the gateway")
        text += try line("IPSec ID", Array(client.group.utf8), "the group")
        text += try line("IPSec secret", groupSecret.bytes, "the group secret")
        text += try line("Xauth username", Array(client.username.utf8), "the username")
        text += try line("Xauth password", password.bytes, "the password")
        let rest = [
            "NAT Traversal Mode \(client.natTraversal.rawValue)",
            "IKE DH Group \(client.dhGroup.rawValue)",
            // A dead concentrator is noticed after a minute; vpnc's own default makes it five.
            "DPD idle timeout (our side) 10",
            // Any free port: several clients, also behind one NAT, do not get in each other's way.
            "Local Port 0",
            "Cisco UDP Encapsulation Port 0",
            "Interface name \(client.device)",
            "Interface mode tun",
        ]
        return text + rest.flatMap { Array("\($0)\n".utf8) }
    }

    /// One keyword with its value in quotation marks, of which vpnc takes off one pair: so blanks
    /// at the ends and marks of the value's own stay.
    private static func line(
        _ keyword: String, _ value: [UInt8], _ what: String
    ) throws(Failure) -> [UInt8] {
        guard !value.isEmpty else {
            throw Failure(.configuration, "\(what) for vpnc is empty")
        }
        guard !value.contains(where: { $0 == 0 || $0 == 0x0a || $0 == 0x0d }) else {
            throw Failure(
                .configuration,
                "\(what) for vpnc has a line break or a NUL in it, which vpnc "
                    + "cannot take")
        }
        let line = Array("\(keyword) \"".utf8) + value + [UInt8(ascii: "\"")]
        guard line.count <= lineBytesMax else {
            let most = lineBytesMax - keyword.utf8.count - 3
            throw Failure(
                .configuration,
                "\(what) for vpnc has \(value.count) bytes; vpnc takes at most \(most)")
        }
        return line + [0x0a]
    }
}
