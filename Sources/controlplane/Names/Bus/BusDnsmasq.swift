internal import Logging

/// The system's dnsmasq, told over D-Bus (`enable-dbus`): it keeps its cache, and needs no restart.
///
/// What we set replaces everything that anybody set over D-Bus; what is in dnsmasq's files stays.
/// A dnsmasq that starts anew has forgotten it: `appeared` must be called then.
actor BusDnsmasq: NameBackend {
    static let service = "uk.org.thekelleys.dnsmasq"
    private static let object = Bus.Object(
        service: service, path: "/uk/org/thekelleys/dnsmasq", interface: "uk.org.thekelleys")

    private let bus: Bus
    private let paths: NamePaths
    private let log: Logger
    private var rules: DnsmasqRules?
    private(set) var complaint: NameFailure?

    init(_ bus: Bus, paths: NamePaths, log: Logger) {
        self.bus = bus
        self.paths = paths
        self.log = log
    }

    func apply(_ wanted: DnsmasqRules) async throws(NameFailure) {
        guard wanted != rules || complaint != nil else { return }
        let known = Set(complaint == nil ? rules?.domains ?? [] : [])
        rules = wanted
        try await push()
        if !known.isSuperset(of: wanted.domains) { await clearCache() }
    }

    /// dnsmasq is there, for the first time or anew.
    func appeared() async throws(NameFailure) {
        guard rules != nil else { return }
        try await push()
        await clearCache()
    }

    /// Somebody public may have been asked for names of ours until now, and have denied them.
    private func clearCache() async { _ = try? await bus.call(Self.object, "ClearCache", []) }

    func stop() {}

    /// Takes back what was set.
    static func remove(_ bus: Bus) async {
        // No dnsmasq is nothing to take back.
        _ = try? await bus.call(object, "SetDomainServers", ["as", "0"])
    }

    private func push() async throws(NameFailure) {
        guard let rules else { return }
        do {
            let made = NameRecord.Servers(bus: bus.address)
            try NameRecord.update(paths) { $0.servers = made }
        } catch {
            throw NameFailure(description: error.description)
        }
        let arguments = rules.busArguments
        do {
            try await bus.call(
                Self.object, "SetDomainServers", ["as", "\(arguments.count)"] + arguments)
            complaint = nil
        } catch {
            complaint = error
            throw error
        }
        log.notice(
            "names: \(rules.rules.count) rules for dnsmasq over D-Bus, in place of all that was set over D-Bus before"
        )
    }
}
