internal import ArgumentParser

/// `dvpnctl check`: is the configuration right? Needs no running dvpn.
///
/// The controlplane's own executable judges, so that the two can never be of different opinions.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a configuration without touching anything.",
        discussion: "Exits with 78 where it has mistakes.")

    static let standardConfig = "/etc/dvpn/dvpn.toml"

    @Option(help: ArgumentHelp("The main file of the configuration.", valueName: "file"))
    var config = Self.standardConfig

    @Flag(help: "Print the report as JSON.")
    var json = false

    func run() throws {
        try Companion.become(
            ["--check", "--config", config] + (json ? ["--json"] : []),
            "which checks the configuration")
    }
}
