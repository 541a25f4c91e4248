internal import Logging
internal import Protocol

/// Joins the pure parts to the world: demands and counts from the dataplane go into the tunnels'
/// machines, and what these decide is done: clients started and stopped, the dataplane told, the
/// host kept in order.
///
/// A network costs nothing here until somebody wants it: its tunnel is made by the first demand.
actor Supervisor {
    /// What the supervisor works with, made once by `main`.
    struct Parts: Sendable {
        let reader: ConfigReader
        let host: HostExecutor
        let memory: TunnelMemory
        /// Tunnels whose clients an earlier life may have left running.
        let leftRunning: @Sendable () -> Set<String>
        let makeBackend: @Sendable (TunnelSettings) -> any TunnelBackend
        let resolve: @Sendable (_ host: String, _ isIPv4Preferred: Bool) async -> String?
        let system: any HostSystem
        let makeNames:
            @Sendable (
                DNSSettings, _ holdMs: Int,
                _ wanted: @escaping @Sendable (_ network: String, _ name: String) async -> Void
            ) -> NameService
        let numbersPath: String
        let runtimeDirectory: String
        let stateDirectory: String
        let users: HostUsers
        let manager: ServiceManager
        let log: Logger
        /// Of the record of a connection that has ended; nil: there is none.
        var connectionLogLevel: Logger.Level? = .info
        /// Asks whoever has started the dataplane for another one; nil where nobody can be asked.
        var restartDataplane: (@Sendable () throws -> Void)?
        /// What has happened, as the log's handler notes it.
        var events = EventHistory()
    }

    let parts: Parts
    /// What is in force: what is configured, without what is released and with what was pushed.
    var configuration: Configuration {
        didSet { checking = nil }
    }
    /// What the files say against that, as somebody looked at them last.
    var checking: Task<ConfigurationCheck, Never>?
    var releases: Releases
    var isReloading = false
    var reader: ConfigReader
    /// Tells of the map's files.
    let files: FileWatch?
    var numbers: NetworkNumbers
    var table: NetworkTable
    /// Those that somebody has wanted, or that have a lock.
    var tunnels: [TunnelSettings: Tunnel] = [:]
    var link: DataLink?
    /// The dataplane's process while a link is up, how many workers it has, and those that have a
    /// link.
    var dataplane: UInt32?
    var workers = 1
    var linked: Set<Int> = []
    /// In which families the dataplane's port is its own, as it said last.
    var listening: FamilySet?
    /// Of the table that all workers with a link have; those whose dataplane takes changes of it.
    var generation: UInt64 = 1
    var sentTable: NetworkTable
    var patchable: Set<Int> = []
    var activity = WorkerActivity()
    /// The packets for which networks were dialled, while something waits there.
    var demands: [UInt32: ParkedDemand] = [:]
    /// How long they waited, of those that do no more.
    var parkings = SecondsHistogram()
    /// Requests to the dataplane that wait for an answer.
    var requests = LinkRequests()
    var drains: [TunnelSettings: Drain] = [:]
    /// Accounts that a dial shows to their gateways just now, and whose dial it is.
    var trials: [String: TunnelSettings] = [:]
    /// What has yet to be written down, one after the other.
    var memoryWork: Task<Void, Never>?
    /// What applying the host's plan found.
    var findings: [HostFinding] = []
    /// How the host was attached to the world when it was looked at last.
    var attachment: Attachment?
    /// The host is about to sleep, or sleeps: nobody's packets dial.
    var isAsleep = false
    /// Ends that in any case.
    var sleepLimit: Task<Void, Never>?
    /// What gateways pushed.
    var pushed: PushedStore
    /// Where gateways were found.
    var gateways: GatewayAddresses
    /// What static forwards listen on, and the next try where they could not.
    var forwards: ForwardListeners
    var forwardRetry: Task<Void, Never>?
    /// Tells the resolvers; made for one `[dns]`.
    var names: NameService?
    /// What they were told last, and the telling that is under way.
    var toldZones: ZonePlan?
    var toldHosts = ""
    /// The names of the map's hosts, as a hosts file; empty where nobody needs them.
    var mapHosts = ""
    var areMapHostsStale = true
    var namesWork: Task<Void, Never>?
    var areNamesDirty = false
    /// What connections that have ended carried, by network; only of those that had any.
    var carried: [UInt32: NetworkTraffic] = [:]
    /// Of the dials of all tunnels, those that a reload took away too.
    var tally = TunnelTally()
    /// How connections have ended.
    var ended: [ConnectionRecord.Result: Int] = [:]
    /// For whoever listens, and how he is woken.
    var pendingNews = NetworkNews()
    var listener: AsyncStream<Void>.Continuation?
    /// Who serves the web page.
    var webListener: AsyncStream<WebSettings?>.Continuation?
    /// For each connection that has ended.
    var connectionLines = LineLimit(perSecond: 200)
    let startedAt = Clock.now()
    /// When networks came that a reload has brought, or that go another way since one.
    var cameAt: [UInt32: Int64] = [:]
    /// systemd was told that we are ready, and what else.
    var isServing = false
    var toldStatus = ""
    var isStatusDirty = false
    /// It is linked, and does not answer.
    var isDataplaneSilent = false
    /// How often it has not answered in a row.
    var silentLooks = 0
    /// Why the last reload changed nothing.
    var reloadMistake: String?
    /// Why the host's network could not be put right when others had touched it.
    var hostTrouble: String?
    var repairs = RepairTally()

    init(_ parts: Parts, configuration configured: Configuration) throws {
        self.parts = parts
        reader = parts.reader
        files = FileWatch()
        pushed = PushedStore(stateDirectory: parts.stateDirectory)
        gateways = GatewayAddresses(stateDirectory: parts.stateDirectory)
        forwards = ForwardListeners(runtime: parts.runtimeDirectory)
        releases = Releases(configured, runtime: parts.runtimeDirectory)
        configuration = pushed.extend(releases.rest)
        numbers = NetworkNumbers.load(parts.numbersPath)
        numbers.number(configuration.networks.names, limit: UInt32(Limits.networksMax))
        try numbers.save(parts.numbersPath)
        table = NetworkTable(configuration, numbers)
        sentTable = table
        files?.watch(reader.mapStates)
    }

    func setLink(_ link: DataLink) { self.link = link }
}
