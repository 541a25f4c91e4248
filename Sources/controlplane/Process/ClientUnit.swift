/// A unit of systemd in which a client runs, by its name: `dvpn-tunnel@vpn0.service`.
///
/// Each kind of client has a template of its own in `systemd/`, with the rights that it needs.
struct ClientUnit: Equatable, Hashable, Sendable, Codable, RawRepresentable {
    let rawValue: String

    /// nil for what is no client's unit.
    init?(rawValue: String) {
        let isTemplate = ["dvpn-ssh@", "dvpn-tunnel@"].contains { prefix in
            rawValue.hasPrefix(prefix) && rawValue.hasSuffix(".service")
                && rawValue.utf8.count > prefix.utf8.count + ".service".utf8.count
        }
        guard isTemplate || rawValue == Self.dnsmasq.rawValue, !rawValue.contains("/") else {
            return nil
        }
        self.rawValue = rawValue
    }

    private init(named name: String) { rawValue = name }

    /// A client with a device of its own, after which people know it.
    static func tunnel(device: String) -> ClientUnit {
        ClientUnit(named: "dvpn-tunnel@\(escaped(device)).service")
    }

    /// One of the masters of a gateway.
    ///
    /// - Parameter gateway: the tunnel's name, which begins with the gateway's.
    static func ssh(gateway: String, id: UInt32) -> ClientUnit {
        ClientUnit(named: "dvpn-ssh@\(escaped(gateway))-\(id).service")
    }

    static let dnsmasq = ClientUnit(named: "dvpn-dnsmasq.service")

    /// The unit of a process; nil where it is in no client's.
    init?(of pid: Int32) {
        guard let text = (try? ProcessFiles.text("/proc/\(pid)/cgroup")) ?? nil else { return nil }
        self.init(cgroup: text)
    }

    /// - Parameter cgroup: `/proc/PID/cgroup`: a line for each hierarchy, `ID:CONTROLLERS:PATH`.
    init?(cgroup: String) {
        // Of systemd's two hierarchies only one may be in use.
        let units = cgroup.split(separator: "\n").compactMap { line -> ClientUnit? in
            guard line.hasPrefix("0::") || line.contains(":name=systemd:"),
                let name = line.split(separator: "/").last
            else { return nil }
            return ClientUnit(rawValue: String(name))
        }
        guard let unit = units.first else { return nil }
        self = unit
    }

    /// A command may end well and leave its tunnel, and processes, behind.
    var outlivesItsProgram: Bool { rawValue.hasPrefix("dvpn-tunnel@") }

    /// Where its launch is handed over: `RUNTIME/launch/`, in paths of bounded length.
    func socket(_ runtime: String) -> String {
        "\(Self.directory(runtime))/\(StableHash.digits(12, of: rawValue))"
    }

    static func directory(_ runtime: String) -> String { "\(runtime)/launch" }

    /// Of a longer instance the end is used, where the difference is: a unit's name has 255 bytes,
    /// and each of these may become four.
    private static let bytesMax = 48

    /// As systemd wants names (systemd.unit(5)).
    private static func escaped(_ text: String) -> String {
        text.utf8.suffix(bytesMax).map { byte in
            let isPlain =
                (byte >= 0x30 && byte <= 0x39) || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a)
                || ":_.-".utf8.contains(byte)
            if isPlain { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16)
            return "\\x" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }
}
