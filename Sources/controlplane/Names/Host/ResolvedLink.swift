internal import Glibc
internal import Logging
internal import Protocol

/// systemd-resolved, told to ask our forwarder for private names (org.freedesktop.resolve1(5)).
///
/// The doorbell's device is where it hangs: resolved keeps servers by device. They are asked for
/// these domains and nothing else, and nobody else is asked for these. A resolved that starts anew,
/// or another device, knows nothing of it: `tell` must be called then.
actor ResolvedLink {
    static let service = "org.freedesktop.resolve1"
    private static let object = Bus.Object(
        service: service, path: "/org/freedesktop/resolve1",
        interface: "org.freedesktop.resolve1.Manager")
    /// AF_INET, as the message has it.
    private static let ipv4 = 2

    private let bus: Bus
    private let device: String
    private let forwarder: Nameserver
    private let paths: NamePaths
    private let log: Logger
    private var domains: [String]?
    private var told: (domains: [String], index: UInt32)?
    private(set) var complaint: NameFailure?

    init(_ bus: Bus, device: String, forwarder: Nameserver, paths: NamePaths, log: Logger) {
        self.bus = bus
        self.device = device
        self.forwarder = forwarder
        self.paths = paths
        self.log = log
    }

    /// - Parameter rules: whose names resolved is to ask for.
    func apply(_ rules: DnsmasqRules) async throws(NameFailure) {
        domains = Self.domains(rules)
        let index = unsafe if_nametoindex(device)
        if let told, told == (domains, index), complaint == nil { return }
        try await tell()
    }

    /// Says it all, whether resolved knows it or not.
    func tell() async throws(NameFailure) {
        guard let domains else { return }
        do {
            try await tell(domains)
            complaint = nil
        } catch {
            complaint = error
            throw error
        }
    }

    /// Takes back what was said.
    static func remove(_ bus: Bus, device: String) async {
        let index = unsafe if_nametoindex(device)
        // With the device everything about it is gone.
        guard index != 0 else { return }
        _ = try? await bus.call(object, "RevertLink", ["i", "\(index)"])
    }

    /// Domains that are only asked of us: a `~` makes no search domain of them.
    static func domains(_ rules: DnsmasqRules) -> [String] {
        var domains: [String] = []
        for rule in rules.rules where rule.target != .standard {
            switch rule.subject {
            case .domain(let name): domains.append(name)
            case .addresses(let prefix): domains += ReverseZone.domains(prefix)
            }
        }
        return Set(domains).sorted()
    }

    private func tell(_ domains: [String]) async throws(NameFailure) {
        let index = unsafe if_nametoindex(device)
        guard index != 0 else {
            throw NameFailure(
                description: "there is no \(device) for systemd-resolved's settings")
        }
        do {
            let made = NameRecord.Link(bus: bus.address, device: device)
            try NameRecord.update(paths) { $0.link = made }
        } catch {
            throw NameFailure(description: error.description)
        }
        let link = "\(index)"
        let bytes = (0..<4).map { "\(forwarder.address.ipv4 >> (24 - 8 * $0) & 0xFF)" }
        // Before the servers: for a moment they would be asked for everything.
        try await call("SetLinkDefaultRoute", ["ib", link, "false"])
        try await call(
            "SetLinkDomains",
            ["ia(sb)", link, "\(domains.count)"] + domains.flatMap { [$0, "true"] })
        for (method, value) in [
            ("SetLinkLLMNR", "no"), ("SetLinkMulticastDNS", "no"), ("SetLinkDNSOverTLS", "no"),
            // Private zones are not signed, and their parents say that they do not exist.
            ("SetLinkDNSSEC", "no"),
        ] {
            try await call(method, ["is", link, value])
        }
        try await call(
            "SetLinkDNSEx",
            ["ia(iayqs)", link, "1", "\(Self.ipv4)", "4"] + bytes + ["\(forwarder.port)", ""])
        told = (domains, index)
        log.notice(
            "names: systemd-resolved asks \(forwarder.text) for \(domains.count) private domains")
    }

    private func call(_ method: String, _ arguments: [String]) async throws(NameFailure) {
        try await bus.call(Self.object, method, arguments)
    }
}
