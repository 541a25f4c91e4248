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

    @Option(help: ArgumentHelp("The user that the dataplane runs as.", valueName: "name"))
    var dataplaneUser = "dvpn"

    @Option(help: ArgumentHelp("The user that ssh runs as.", valueName: "name"))
    var sshUser = "dvpn-ssh"

    @Flag(help: "Only read the configuration; exit status 78 if it has mistakes.")
    var check = false

    @Flag(help: "End what an earlier run left behind, restore the host's network and exit.")
    var cleanup = false

    private static func level(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            throw ValidationError("there is no log level \(text)")
        }
        return level
    }

    func validate() throws {
        if check && cleanup { throw ValidationError("--check and --cleanup exclude each other") }
    }
}
