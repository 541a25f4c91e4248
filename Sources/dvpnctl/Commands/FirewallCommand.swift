internal import ArgumentParser

/// `dvpnctl firewall`: the recommended firewall for the configuration. Needs no running dvpn.
struct FirewallCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "firewall",
        abstract: "Show the recommended firewall, or apply it in a table of its own.",
        discussion: """
            From outside only sshd is reached; names, DHCP and forwards are for the LAN alone. What is \
            applied is gone after a reboot: the output is a file for nft(8), to be kept where the host \
            loads its rules from.
            """)

    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("The main file of the configuration.", valueName: "file"))
    var config = "/etc/dvpn/dvpn.toml"

    @Option(help: ArgumentHelp("The port of this host's own sshd.", valueName: "port"))
    var sshPort: UInt16 = 22

    @Flag(help: "Make it hold, in table inet dvpn_firewall and nowhere else.")
    var apply = false

    @Flag(help: "Remove that table.")
    var remove = false

    func validate() throws {
        if apply && remove { throw ValidationError("--apply and --remove exclude each other") }
    }

    func run() throws {
        let wish = apply ? "apply" : remove ? "remove" : "show"
        try Companion.become(
            ["--firewall", wish, "--ssh-port", "\(sshPort)", "--config", config]
                + (output.json ? ["--json"] : []),
            "which makes the firewall's rules")
    }
}
