internal import Glibc
internal import Logging
internal import Protocol

/// Names of private networks: tells dnsmasq and the host's resolver whom to ask, and answers itself
/// where nobody else can.
///
/// One for one `[dns]`; for another one it is stopped and the next takes over what stands.
actor NameService {
    private let settings: DNSSettings
    private let paths: NamePaths
    private let watcher: ProcessWatcher
    private let log: Logger
    private let bus: Bus
    private let forwarder: DNSForwarder?
    private var isListening = false
    private let backend: (any NameBackend)?
    private let link: ResolvedLink?
    private let resolverFile: String

    private var zones: [Zone] = []
    private var rules: DnsmasqRules?
    /// The last of the tasks that make the rules hold, one behind the other.
    private var work: Task<Void, Never>?
    private var watch: Task<Void, Never>?
    private var retry: Task<Void, Never>?
    private let retryPause: Duration
    /// How long news for dnsmasq may be held back, in milliseconds.
    private static let quietMs: Int64 = 3_000
    private var isStopped = false
    private var lastComplaints: [String: String] = [:]

    /// - Parameters:
    ///   - runtime: the runtime directory; `dns/` in it is ours.
    ///   - state: the state directory, where leases are kept.
    ///   - device: the doorbell's name.
    ///   - holdMs: how long a query may wait for its network.
    ///   - resolverFile: whom this host's own programs ask.
    ///   - wanted: called for a network that is not up and that a query waits for, with the name
    ///     that was asked for.
    init(
        _ settings: DNSSettings, runtime: String, state: String, device: String, holdMs: Int,
        bus: Bus,
        log: Logger, resolverFile: String = ResolverFile.path,
        retryPause: Duration = .seconds(30),
        wanted: @escaping @Sendable (_ network: String, _ name: String) async -> Void
    ) {
        self.settings = settings
        self.bus = bus
        self.log = log
        self.resolverFile = resolverFile
        self.retryPause = retryPause
        watcher = bus.watcher
        paths = NamePaths(runtime: runtime, state: state)
        let port = UInt16(settings.forwarderPort)
        let limits = CarrierMachine.Limits(holdMs: Int64(holdMs))
        forwarder =
            settings.needsForwarder
            ? DNSForwarder(port: port, limits: limits, log: log, wanted: wanted) : nil
        backend =
            switch settings.mode {
            case .none: nil
            case .managed: ManagedDnsmasq(settings, paths: paths, watcher: watcher, log: log)
            case .dropIn: DropInDnsmasq(settings, paths: paths, watcher: watcher, log: log)
            case .dbus: BusDnsmasq(bus, paths: paths, log: log)
            }
        link =
            settings.host == .resolved
            ? ResolvedLink(
                bus, device: device, forwarder: .loopback(port: port), paths: paths, log: log)
            : nil
    }

    /// Takes back what an earlier configuration did and this one does not, and begins to answer.
    ///
    /// Throws where the runtime directory cannot be written; then there is no service.
    func start() async throws(NameFailure) {
        do {
            try paths.makeDirectory()
        } catch {
            throw NameFailure(description: error.description)
        }
        await leftovers.takeBack(keeping: settings)
        await attempt("forwarder", listen)
        startWatching()
    }

    /// What has become of queries; nil where the forwarder has no part in names.
    func queries() async -> QueryTally? { await forwarder?.tally }

    /// Questions that wait for networks that are not up, by network.
    func held() async -> [String: HeldQuestions] { await forwarder?.held() ?? [:] }

    /// Takes on other zones. The forwarder knows them when this returns; whoever asks it is told of
    /// names that are new, which may take longer, and is asked again where it fails.
    ///
    /// - Parameter hosts: names that an own dnsmasq knows by itself, as a hosts file.
    func take(_ zones: [Zone], hosts: String = "") async {
        self.zones = zones
        // First: queries come here as soon as dnsmasq has been told.
        let upstream = settings.upstream.isEmpty ? ResolverFile.upstream() : settings.upstream
        await forwarder?.apply(zones, upstream: upstream)
        let rules = DnsmasqRules(
            zones, forwarder: .loopback(port: UInt16(settings.forwarderPort)), hosts: hosts)
        guard rules != self.rules else { return }
        self.rules = rules
        settle()
    }

    /// Returns when what was taken on holds, or when it is clear and logged why not.
    func settled() async { await work?.value }

    /// The doorbell's device may be another one: what hung on it is gone.
    func deviceChanged() { settle() }

    func setHold(_ holdMs: Int) async { await forwarder?.setHold(Int64(holdMs)) }

    /// The private name that led to an address last; nil where none did.
    func name(of address: Address) async -> String? { await forwarder?.name(of: address) }

    /// What a person should know now.
    func findings() async -> [NameFinding] {
        var findings: [NameFinding] = []
        if let complaint = lastComplaints["forwarder"] {
            findings.append(NameFinding(code: .forwarderFailed, message: complaint))
        }
        if let complaint = await backend?.complaint {
            findings.append(
                NameFinding(code: .dnsmasqFailed, message: complaint.description))
        }
        if let complaint = await link?.complaint {
            findings.append(
                NameFinding(code: .resolvedFailed, message: complaint.description))
        }
        let domains = Set(zones.flatMap(\.domains))
        for case let gateway? in zones.map(\.gateway) where domains.contains(gateway.name) {
            findings.append(
                NameFinding(
                    code: .gatewayIsDomain,
                    message: "the gateway \(gateway.name) bears a private domain's own name: it is "
                        + "looked up through the tunnel that it ends"))
        }
        let text = ((try? ProcessFiles.text(resolverFile)) ?? nil) ?? ""
        let nameservers = ResolverFile.nameservers(text)
        var ours: Set<Nameserver> = []
        for server in nameservers where Self.isLocal(server) { ours.insert(server) }
        return findings
            + ResolverCheck.findings(settings, nameservers: nameservers) { ours.contains($0) }
    }

    /// Ends our own part: queries to the forwarder have no answer from now on.
    ///
    /// - Parameter leavingManaged: whether everything else stays as it is, a dnsmasq of ours
    ///   included, for the next life to take over.
    func stop(leavingManaged: Bool = true) async {
        isStopped = true
        watch?.cancel()
        await watch?.value
        await work?.value
        retry?.cancel()
        await backend?.stop()
        await forwarder?.stop()
        if !leavingManaged { await leftovers.removeAll() }
    }

    /// Ends and takes back everything about names that any life of ours has done.
    static func cleanUp(runtime: String, watcher: ProcessWatcher, log: Logger) async {
        await NameLeftovers(paths: NamePaths(runtime: runtime), watcher: watcher, log: log)
            .removeAll()
    }

    // MARK: - Steps

    private var leftovers: NameLeftovers {
        NameLeftovers(paths: paths, watcher: watcher, log: log)
    }

    private func settle() { queue { await $0.tell() } }

    private func queue(_ step: @escaping @Sendable (NameService) async -> Void) {
        let before = work
        work = Task {
            await before?.value
            await step(self)
        }
    }

    /// Tells everybody whose names are private now.
    private func tell() async {
        guard !isStopped, let rules else { return }
        await attempt("forwarder", listen)
        // Whoever else has the port must not be asked.
        guard forwarder == nil || isListening else { return retryLater() }
        // A dnsmasq that is restarted forgets whom it owes an answer: often to the very question
        // that has brought up the tunnel and, with it, the news.
        await forwarder?.quiet(atMostMs: Self.quietMs)
        if let backend {
            await attempt("dnsmasq") { () throws(NameFailure) in try await backend.apply(rules) }
        }
        if let link {
            await attempt("resolved") { () throws(NameFailure) in try await link.apply(rules) }
        }
        retryLater()
    }

    private func listen() async throws(NameFailure) {
        guard let forwarder, !isListening else { return }
        do {
            try await forwarder.start()
            isListening = true
        } catch {
            throw NameFailure(
                description: "the forwarder cannot listen on 127.0.0.1 port "
                    + "\(settings.forwarderPort): \(error); write another forwarder-port in [dns]")
        }
    }

    /// What failed may have been mended, by a person or by itself.
    private func retryLater() {
        retry?.cancel()
        retry = nil
        guard !lastComplaints.isEmpty else { return }
        retry = Task {
            guard (try? await Task.sleep(for: retryPause)) != nil else { return }
            settle()
        }
    }

    /// Logs a failure, once until it is another one or gone.
    private func attempt(
        _ what: String, _ body: () async throws(NameFailure) -> Void
    ) async {
        do {
            try await body()
            lastComplaints[what] = nil
        } catch {
            if lastComplaints[what] != error.description {
                log.record(.error, .namesFailed, "names: \(error)")
            }
            lastComplaints[what] = error.description
        }
    }

    private func startWatching() {
        var services: [String] = []
        if backend is BusDnsmasq { services.append(BusDnsmasq.service) }
        if link != nil { services.append(ResolvedLink.service) }
        guard !services.isEmpty else { return }
        let source = BusWatch(bus: bus, services: services, paths: paths, log: log)
        watch = Task { await source.run { service in await self.appeared(service) } }
    }

    private func appeared(_ service: String) async {
        queue { await $0.tellAnew(service) }
        await settled()
    }

    private func tellAnew(_ service: String) async {
        if service == BusDnsmasq.service, let dnsmasq = backend as? BusDnsmasq {
            await attempt("dnsmasq") { () throws(NameFailure) in try await dnsmasq.appeared() }
        } else if let link {
            await attempt("resolved") { () throws(NameFailure) in try await link.tell() }
        }
    }

    /// Whether an address is one of this host's: only those can be bound.
    static func isLocal(_ server: Nameserver) -> Bool {
        let domain = server.family == .ipv4 ? AF_INET : AF_INET6
        let raw = socket(domain, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { return false }
        // Closed here in any case: a channel of SwiftNIO whose bind fails leaves its socket open.
        let descriptor = Descriptor(adopting: raw)
        var local = KernelAddress(server.address, server.family, port: 0)
        return unsafe local.withPointer { unsafe bind(descriptor.raw, $0, $1) == 0 }
    }
}
