internal import ArgumentParser
internal import Logging

/// The command line.
struct Options: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read this file, and FILE's .d directory beside it.", valueName: "file"))
    var config = "/etc/dvpn/dvpn.toml"

    @Option(
        help: ArgumentHelp(
            "Sockets and records of what runs; gone after a reboot.", valueName: "dir"))
    var runtimeDir = "/run/dvpn"

    @Option(help: ArgumentHelp("What is remembered over reboots.", valueName: "dir"))
    var stateDir = "/var/lib/dvpn"

    @Option(
        help: "trace, debug, info, notice, warning or error.", transform: Options.level)
    var logLevel = Logger.Level.info

    @Option(
        help: "The level of the record of each connection that has ended; none: no record.",
        transform: Options.optionalLevel)
    var connectionLogLevel: Logger.Level? = .info

    @Option(help: ArgumentHelp("The user that the dataplane runs as.", valueName: "name"))
    var dataplaneUser = "dvpn"

    @Option(help: ArgumentHelp("The user that ssh runs as.", valueName: "name"))
    var sshUser = "dvpn-ssh"

    @Option(
        help: ArgumentHelp(
            "Where ssh offers its dynamic forward: socket (a Unix socket), loopback (a port of "
                + "127.118.112.110, guarded by nftables) or auto: a socket where ssh can.",
            valueName: "place"), transform: Options.forward)
    var sshForward: SSHForward?

    @Flag(help: "Only read the configuration; exit status 78 if it has mistakes.")
    var check = false

    @Flag(help: "End what an earlier run left behind, restore the host's network and exit.")
    var cleanup = false

    @Flag(
        name: .customLong("guard"),
        help: "Only keep private packets on this host, for the time until the service starts.")
    var guards = false

    @Option(
        help: ArgumentHelp(
            "Print the ssh gateway of a network, or of the networks behind a host, as JSON.",
            valueName: "name"))
    var gateways: String?

    @Flag(help: .hidden)
    var tunnelScript = false

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("there is no log level \(text)")
        }
        return level
    }

    private static func optionalLevel(_ text: String) throws -> Logger.Level? {
        text == "none" ? nil : try level(text)
    }

    private static func forward(_ text: String) throws -> SSHForward? {
        if text == "auto" { return nil }
        guard let forward = SSHForward(rawValue: text) else {
            throw ValidationError("--ssh-forward is auto, socket or loopback, not \(text)")
        }
        return forward
    }

    func validate() throws {
        if [check, cleanup, guards].count(where: \.self) > 1 {
            throw ValidationError("--check, --cleanup and --guard exclude each other")
        }
    }
}
