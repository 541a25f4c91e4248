internal import ArgumentParser
internal import Reports

/// Shows and steers a running dvpn. Everything goes through the controlplane's API socket.
struct Dvpnctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dvpnctl",
        abstract: "Show and steer dvpn, the on-demand VPN gateway.",
        discussion: """
            Exit status: 0 done and healthy, 1 failed, 3 dvpn is not running, 4 a network needs a \
            person or cannot be used now, 64 wrong usage, 69 the host cannot do what is needed, 77 \
            not allowed, 78 wrong configuration.
            """,
        version: Release.version,
        subcommands: [
            StatusCommand.self, NetworksCommand.self, UpCommand.self, DownCommand.self,
            ConnectionsCommand.self,
            ParkedCommand.self, ReleaseCommand.self, ResumeCommand.self, WatchCommand.self,
            EventsCommand.self, ReloadCommand.self, CheckCommand.self, UnlockCommand.self,
            LoginCommand.self, WaitCommand.self, DoctorCommand.self, ExplainCommand.self,
            CleanupCommand.self, BugreportCommand.self, CompletionCommand.self,
            FirewallCommand.self, GatewayCommand.self,
        ])

    /// Given here for `dvpnctl --runtime-dir DIR VERB`; each verb takes it over, or has its own.
    @OptionGroup var runtime: RuntimeOptions
}
