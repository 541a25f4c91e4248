internal import ArgumentParser

/// `dvpnctl gateway`: what has to be there before the first dial, here and on the gateway.
struct GatewayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gateway",
        abstract: "Set up and check ssh gateways. Needs no running dvpn.",
        subcommands: [
            GatewayKeygenCommand.self, GatewaySetupCommand.self, GatewayPinCommand.self,
            GatewayCheckCommand.self,
        ])
}

/// Which configuration is meant.
struct ConfigOption: ParsableArguments {
    @Option(help: ArgumentHelp("The main file of the configuration.", valueName: "file"))
    var config = "/etc/dvpn/dvpn.toml"
}
