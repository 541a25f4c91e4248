internal import Reports

/// The doctor with what only a running controlplane knows.
extension Supervisor {
    func doctor() async -> DoctorReport {
        let survey = DoctorSurvey(
            host: parts.system, configuration: configuration,
            runtimeDirectory: parts.runtimeDirectory)
        var facts = await survey.facts()
        facts.hasLeftovers = false
        facts.health = await health()
        facts.stuck = summaries(of: failedNetworks())
        facts.symptoms = await symptoms()
        return Doctor.report(facts)
    }
}
