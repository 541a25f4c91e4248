internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Logging
internal import NIOPosix
internal import Reports
internal import ServiceLifecycle
internal import UnixSignals

/// dvpn's controlplane: configuration, tunnels and the host's network. See ARCHITECTURE.md.
struct Controlplane: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dvpn-controlplane",
        abstract: "Makes private networks reachable on demand.",
        discussion: """
            Runs until SIGTERM; SIGHUP reads the configuration again. Tunnels and the host's network stay as they are \
            when it ends, and are taken over by the next start; --cleanup removes them.
            Exit status: 0 after SIGTERM, 64 wrong command line, 69 the host cannot do what is needed, 77 not \
            permitted, 78 mistakes in the configuration.
            """)

    @OptionGroup var options: Options

    func run() async throws {
        if options.tunnelScript {
            throw ExitCode(await TunnelScript(ProcessInfo.processInfo.environment).run())
        }
        Memory.prepare()
        let events = EventHistory()
        LoggingSystem.bootstrap { EventLog(LogOutput.handler(label: $0), events) }
        var log = Logger(label: "dvpn-controlplane")
        log.logLevel = options.logLevel
        var reader = ConfigReader(ConfigLoader(file: options.config))
        if options.cleanup { return try await CleanUp(options, log).run() }
        // They ask other daemons for something, and must not end this one.
        for number in [SIGUSR1, SIGUSR2] { signal(number, SIG_IGN) }
        // Before the file is read: a SIGHUP that comes in between asks for it once more, and ends nothing.
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let configuration: Configuration
        do {
            configuration = try reader.read()
        } catch {
            if options.looks { try await AtRest(options, error.errors).run() }
            if options.check && options.json {
                print(try Self.json(Check.report(error)))
            } else {
                write(error.report + "\n")
            }
            throw ExitCode(78)
        }
        if options.check {
            let report = Check.report(
                configuration, file: options.config, sshUser: ProcessUser.named(options.sshUser))
            return print(
                options.json
                    ? try Self.json(report) + "\n" : Check.text(report, file: options.config),
                terminator: "")
        }
        if options.looks { try await AtRest(options, configuration).run() }
        if let wish = options.firewall {
            return try await Firewall(configuration: configuration, sshPort: options.sshPort)
                .run(wish, json: options.json)
        }
        if let word = options.gateways {
            let report = GatewayListing.report(configuration, of: word)
            return print(try Self.json(report))
        }
        if options.guards {
            return try await Guard(options: options, configuration: configuration, log: log).run()
        }
        for notice in configuration.notices { log.notice("\(notice)") }
        try await serve(configuration, reader, log, events, hangups)
    }

    static func json(_ report: some Encodable) throws -> String {
        String(decoding: try ReportCoding.encode(report), as: UTF8.self)
    }

    /// Order: what must be refused first, then what must be there before the first packet, then the
    /// services.
    private func serve(
        _ configuration: Configuration, _ reader: ConfigReader, _ log: Logger,
        _ events: EventHistory, _ hangups: UnixSignalsSequence
    ) async throws {
        let assembly: Assembly
        do {
            assembly = try await Assembly(
                options, configuration, reader, log, events, hangups)
            try await assembly.supervisor.start()
        } catch let error as HostError {
            log.error("\(error)")
            throw ExitCode(error.code == .notPermitted ? 77 : 69)
        } catch let error as ProcessError {
            log.error("\(error)")
            throw ExitCode(error.code == EPERM || error.code == EACCES ? 77 : 69)
        }
        let count = configuration.networks.count
        log.record(
            .notice, .started,
            "serving \(count) network\(count == 1 ? "" : "s") for \(Self.clients(configuration))")
        let group = ServiceGroup(
            configuration: .init(
                services: assembly.services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: assembly.quietLog))
        do {
            try await group.run()
        } catch let failure as APISocket.Failure {
            log.error("\(failure)")
            throw ExitCode(69)
        }
        log.record(.notice, .ended, "ended; tunnels and the host's network stay as they are")
    }

    private static func clients(_ configuration: Configuration) -> String {
        configuration.lan.isEmpty
            ? "this host's own programs"
            : "this host and \(configuration.lan.joined(separator: ", "))"
    }

    private func write(_ text: String) { StandardError.write(text) }
}
