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
    var runtimeDir = Options.standardRuntime

    /// The one that the units know.
    static let standardRuntime = "/run/dvpn"

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
    var sshForward: SSHForward? = nil

    @Flag(help: "Start tunnel clients as units of systemd, by which they are confined.")
    var clientUnits = false

    @Flag(
        help:
            "Only read the configuration and look at the files of its secrets; exit status 78 if it has mistakes."
    )
    var check = false

    @Flag(help: "End what an earlier run left behind, restore the host's network and exit.")
    var cleanup = false

    @Flag(
        name: .customLong("guard"),
        help: "Only keep private packets on this host, for the time until the service starts.")
    var guards = false

    @Flag(help: "Look at the host as `dvpnctl doctor` does, without a running dvpn.")
    var doctor = false

    @Flag(help: "With --doctor: only what is to be done.")
    var quiet = false

    @Option(
        help: ArgumentHelp(
            "Explain a connection as `dvpnctl explain` does, without a running dvpn.",
            valueName: "target"))
    var explain: String?

    @Flag(name: .customLong("try"), help: "With --explain: make a connection.")
    var tries = false

    @Flag(help: "With --check, --doctor, --explain and --firewall: the report as JSON.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "The recommended firewall: show it, apply it in a table of its own (inet dvpn_firewall), "
                + "or remove that.",
            valueName: "show|apply|remove"))
    var firewall: FirewallWish?

    @Option(
        help: ArgumentHelp("The port of this host's own sshd, for --firewall.", valueName: "port"))
    var sshPort: UInt16 = 22

    @Option(
        help: ArgumentHelp(
            "Print the ssh gateway of a network, or of the networks behind a host, as JSON.",
            valueName: "name"))
    var gateways: String?

    @Flag(help: .hidden)
    var tunnelScript = false

    /// Somebody wants to know why, and dvpn does not run.
    var looks: Bool { doctor || explain != nil }

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
        if [check, cleanup, guards, doctor, explain != nil, firewall != nil].count(where: \.self)
            > 1
        {
            throw ValidationError(
                "--check, --cleanup, --guard, --doctor, --explain and --firewall exclude each other"
            )
        }
        if clientUnits && runtimeDir != Self.standardRuntime {
            throw ValidationError("--client-units needs --runtime-dir \(Self.standardRuntime)")
        }
    }
}
