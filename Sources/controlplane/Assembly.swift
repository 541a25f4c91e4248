internal import Glibc
internal import Logging
internal import NIOPosix
internal import Reports
internal import ServiceLifecycle
internal import UnixSignals

/// Everything that one controlplane is made of, put together once.
struct Assembly {
    let supervisor: Supervisor
    let services: [any Service]
    /// For libraries whose own notes say nothing to an operator.
    let quietLog: Logger
    /// Held for the process's life.
    private let lock: Descriptor

    init(
        _ options: Options, _ configuration: Configuration, _ reader: ConfigReader, _ log: Logger,
        _ events: EventHistory, _ hangups: UnixSignalsSequence
    ) async throws {
        try Directories.prepare(options)
        lock = try InstanceLock.take(runtime: options.runtimeDir)
        let users = HostUsers(options, log)
        let manager = ServiceManager()
        let watcher = try ProcessWatcher(
            units: ClientUnits(runtime: options.runtimeDir, starts: options.clientUnits))
        let ssh = try await SSHHost.prepare(
            runtime: options.runtimeDir, watcher: watcher, forward: options.sshForward)
        for note in ssh.notes { log.warning("\(note)") }
        if let defect = ssh.defect {
            log.error("no tunnel through ssh can be had: \(defect.message)")
        }
        let clients = try ClientHost.prepare(
            runtime: options.runtimeDir, state: options.stateDir, watcher: watcher)
        let running = Set(ssh.records().map(\.tunnel) + clients.records().map(\.tunnel))
        let tunnels = configuration.networks.tunnelNames(among: running)
        await ssh.removeLeftovers(keeping: tunnels)
        for note in await clients.removeLeftovers(keeping: tunnels) { log.warning("\(note)") }

        let (locks, damage) = try LockStore.open(stateDirectory: options.stateDir)
        if let damage { log.warning("\(damage)") }
        let host = HostExecutor(
            runtimeDirectory: options.runtimeDir, deviceOwner: users.dataplane ?? getuid())
        // Where our clients are units, the dataplane is one.
        var restartDataplane: (@Sendable () throws -> Void)?
        if options.clientUnits { restartDataplane = { try ManagerBus.restartDataplane() } }
        let parts = Supervisor.Parts(
            reader: reader, host: host,
            memory: TunnelMemory(locks: locks, held: HeldStore(runtime: options.runtimeDir)),
            leftRunning: { Set(ssh.records().map(\.tunnel) + clients.records().map(\.tunnel)) },
            makeBackend: { settings in
                switch settings.client {
                case .ssh(let client):
                    SSHTunnel(settings: SSHSettings(settings, client), host: ssh)
                case .vpnc(let client):
                    ClientTunnel(
                        name: settings.name, program: VPNC(client: client), host: clients)
                case .openconnect(let client):
                    ClientTunnel(
                        name: settings.name, program: OpenConnect(client: client), host: clients)
                case .command(let client):
                    ClientTunnel(
                        name: settings.name, program: Command(client: client), host: clients)
                }
            },
            resolve: { await Resolver.address(of: $0, isIPv4Preferred: $1) },
            system: LinuxHost(),
            makeNames: { settings, holdMs, wanted in
                NameService(
                    settings, runtime: options.runtimeDir, state: options.stateDir,
                    device: HostNames.device,
                    holdMs: holdMs, bus: Bus.system(watcher), log: log, wanted: wanted)
            },
            numbersPath: "\(options.runtimeDir)/networks",
            runtimeDirectory: options.runtimeDir,
            stateDirectory: options.stateDir, users: users, manager: manager, log: log,
            connectionLogLevel: options.connectionLogLevel,
            restartDataplane: restartDataplane,
            events: events)
        supervisor = try Supervisor(parts, configuration: configuration)

        var quiet = log
        quiet.logLevel = max(log.logLevel, .error)
        quietLog = quiet
        let (events, continuation) = AsyncStream<LinkEvent>.makeStream()
        let link = try DataLink(
            path: "\(options.runtimeDir)/control.sock",
            group: MultiThreadedEventLoopGroup.singleton,
            log: log, shelf: ConnectionShelf(), deliver: { continuation.yield($0) })
        await supervisor.setLink(link)
        services = [
            LinkService(link: link, events: events, supervisor: supervisor),
            ReloadService(supervisor: supervisor, hangups: hangups),
            MapService(supervisor: supervisor),
            LockService(supervisor: supervisor),
            HostService(keeper: HostKeeper(executor: host), supervisor: supervisor),
            RoamingService(supervisor: supervisor),
            SleepService(
                watch: SleepWatch(
                    bus: Bus.system(watcher), runtime: options.runtimeDir, log: log),
                supervisor: supervisor),
            BusService(supervisor: supervisor, watcher: watcher, log: log),
            WebService(supervisor: supervisor, logger: log),
            WatchdogService(supervisor: supervisor, manager: manager),
            APIServer(
                path: "\(options.runtimeDir)/api.sock", service: supervisor, logger: log,
                whenServing: { [supervisor] in await supervisor.serving() }),
        ]
    }
}

/// The runtime and state directories.
enum Directories {
    static func prepare(_ options: Options) throws(ProcessError) {
        // Others pass through it to the sockets that they may use, each of which has a mode of its
        // own.
        try make(options.runtimeDir, mode: 0o755)
        try make(options.stateDir, mode: 0o700)
    }

    private static func make(_ path: String, mode: mode_t) throws(ProcessError) {
        if unsafe mkdir(path, mode) == 0 || errno == EEXIST { return }
        throw ProcessError(attempt: "make directory \(path)", code: errno)
    }
}

extension HostUsers {
    init(_ options: Options, _ log: Logger) {
        for name in [options.dataplaneUser, options.sshUser] where ProcessUser.named(name) == nil {
            log.warning(
                "there is no user \(name): what runs in its place is held like everybody else's traffic"
            )
        }
        self.init(
            dataplane: ProcessUser.named(options.dataplaneUser)?.user,
            ssh: ProcessUser.named(options.sshUser)?.user)
    }
}

/// Keeps the link and hands what it says to the supervisor, in order.
struct LinkService: Service {
    let link: DataLink
    let events: AsyncStream<LinkEvent>
    let supervisor: Supervisor

    func run() async {
        await cancelWhenGracefulShutdown {
            await withTaskGroup { group in
                group.addTask { await link.run() }
                group.addTask {
                    for await event in events { await supervisor.linkSaid(event) }
                }
                await group.waitForAll()
            }
        }
    }
}

/// Puts back what others remove from the host's network.
struct HostService: Service {
    let keeper: HostKeeper
    let supervisor: Supervisor

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await keeper.run { await supervisor.hostChanged($0) }
        }
    }
}

/// Follows the host when it moves to another network.
struct RoamingService: Service {
    let supervisor: Supervisor

    /// A move is many changes in a row.
    private static let settling = Duration.milliseconds(200)

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            for await _ in try HostWatch.changes() {
                guard (try? await Task.sleep(for: Self.settling)) != nil else { return }
                await supervisor.hostMoved()
            }
        }
    }
}

/// Ends tunnels before the host sleeps, and lets them be dialled again after it.
struct SleepService: Service {
    let watch: SleepWatch
    let supervisor: Supervisor

    func run() async {
        await cancelWhenGracefulShutdown {
            await watch.run { goesToSleep in
                if goesToSleep {
                    await supervisor.hostSleeps()
                } else {
                    await supervisor.hostWoke()
                }
            }
        }
    }
}

/// Looks every few seconds whether the files behind a lock are other ones by now.
struct LockService: Service {
    let supervisor: Supervisor

    func run() async {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: .seconds(3))) != nil {
                await supervisor.examineLocks()
            }
        }
    }
}

/// SIGHUP reads the configuration again.
struct ReloadService: Service {
    let supervisor: Supervisor
    let hangups: UnixSignalsSequence

    func run() async {
        await cancelWhenGracefulShutdown {
            for await _ in hangups {
                // The outcome is in the log and the status; a signal has nobody to answer to.
                do throws(OperatorError) {
                    _ = try await supervisor.reload()
                } catch {
                    guard error.code == .failed else { continue }
                    // `systemctl kill -s HUP` reaches all processes of the unit, and so has ended
                    // what was just looking at the host, or changing it.
                    _ = try? await supervisor.reload()
                }
            }
        }
    }
}

/// So does another file of the gateway map.
struct MapService: Service {
    let supervisor: Supervisor

    func run() async {
        await cancelWhenGracefulShutdown {
            guard let files = supervisor.files else { return }
            for await _ in files.changes {
                // A program that writes it in pieces has a moment to end.
                while files.takeWritten() { try? await Task.sleep(for: .milliseconds(50)) }
                _ = try? await supervisor.reload(isMending: false)
            }
        }
    }
}
