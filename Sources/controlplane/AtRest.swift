internal import ArgumentParser
internal import Reports

/// `--doctor` and `--explain`: what `dvpnctl` shows where dvpn does not run, with as much of the
/// configuration as can be read.
struct AtRest {
    /// Says what dvpnctl's status 3 says: it does not run.
    private static let status = ExitCode(3)

    private let options: Options
    private let configuration: Configuration
    /// Where there are any, nothing is known of networks.
    private let mistakes: [ConfigError]

    init(_ options: Options, _ configuration: Configuration) {
        self.options = options
        self.configuration = configuration
        mistakes = []
    }

    init(_ options: Options, _ mistakes: [ConfigError]) {
        self.options = options
        configuration = Configuration()
        self.mistakes = Array(mistakes.prefix(ConfigErrors.reportedMax))
    }

    /// Prints the report, and throws the exit status in any case.
    func run() async throws -> Never {
        if let target = options.explain { try await explain(target) }
        let host = LinuxHost()
        var facts = await DoctorSurvey(host: host, configuration: configuration).facts()
        facts.isRunning = false
        facts.leftovers = await LeftoverSurvey(host: host, runtimeDirectory: options.runtimeDir)
            .names()
        facts.mistakes = mistakes
        facts.health = ResolverCheck.findings(
            configuration.dns, nameservers: ResolverFile.current(), isOurs: NameService.isLocal
        ).map { HealthReport($0) }
        let report = Doctor.report(facts)
        try tell(report, DoctorText.format(report, verbose: !options.quiet))
    }

    private func explain(_ text: String) async throws -> Never {
        let target: HostPort
        do throws(OperatorError) {
            target = try ExplainTarget.parse(text, tries: options.tries)
        } catch {
            throw ValidationError(error.fix.map { "\(error.text); \($0)" } ?? error.text)
        }
        let survey = ExplainSurvey(
            host: LinuxHost(), configuration: configuration, isConfigured: mistakes.isEmpty)
        var (facts, network) = await survey.facts(target, tries: options.tries)
        facts.isRunning = false
        facts.isNetworkName = configuration.networks.contains { $0.name == target.host }
        facts.mistakes = mistakes
        facts.network = network.map { $0.atRest }
        let report = Explanation.report(facts)
        try tell(report, ExplainText.format(report))
    }

    private func tell(_ report: some Encodable, _ text: String) throws -> Never {
        let json = options.json ? try ReportCoding.encode(report) : nil
        print(
            json.map { String(decoding: $0, as: UTF8.self) + "\n" } ?? text, terminator: "")
        throw Self.status
    }
}
