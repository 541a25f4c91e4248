internal import ArgumentParser

/// `dvpnctl check`: is the configuration right? Needs no running dvpn.
///
/// The controlplane's own executable judges, so that the two can never be of different opinions.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a configuration without touching anything.",
        discussion: "Exits with 78 where it has mistakes.")

    @Option(help: ArgumentHelp("The main file of the configuration.", valueName: "file"))
    var config = "/etc/dvpn/dvpn.toml"

    func run() throws {
        try Companion.become(
            ["--check", "--config", config], "which checks the configuration")
    }
}
