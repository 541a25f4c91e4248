internal import Reports

/// `--check`: what there is to say of a configuration, and of the files that it leads to.
enum Check {
    /// What is said of one that has mistakes.
    static func report(_ mistakes: ConfigErrors) -> CheckReport {
        CheckReport(
            networks: [],
            mistakes: mistakes.errors.map {
                .init(place: "\($0.position)", text: $0.message, fix: $0.hint)
            })
    }

    /// What is said of one without.
    ///
    /// - Parameter sshUser: who has to be able to read keys; nil where there is no such user yet.
    static func report(
        _ configuration: Configuration, file: String, sshUser: ProcessUser?
    ) -> CheckReport {
        CheckReport(
            networks: Array(configuration.networks.names),
            warnings: CredentialSurvey(sshUser: sshUser)
                .defects(configuration, file: file)
                .map { .init(place: "\($0.position)", text: $0.message) },
            notices: configuration.notices.map { .init(place: "\($0.position)", text: $0.message) })
    }

    /// For a terminal.
    static func text(_ report: CheckReport, file: String) -> String {
        let count = report.networks.count
        return report.notices.map { "\($0.place): notice: \($0.text)\n" }.joined()
            + report.warnings.map { "\($0.place): warning: \($0.text)\n" }.joined()
            + "\(file): no mistakes; \(count) network\(count == 1 ? "" : "s")\n"
    }
}
