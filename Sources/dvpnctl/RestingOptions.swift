internal import ArgumentParser

/// Which configuration a dvpn has that does not run, and so cannot say so itself.
struct RestingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where dvpn does not run: the main file of its configuration; "
                + "\(CheckCommand.standardConfig) unless it is said.", valueName: "file"))
    var config: String?

    /// For the controlplane's program.
    var arguments: [String] { config.map { ["--config", $0] } ?? [] }
}
