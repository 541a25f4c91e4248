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
        facts.namesAsked = await namesAsked(facts.health)
        facts.stuck = summaries(of: failedNetworks())
        facts.symptoms = await symptoms()
        return Doctor.report(facts)
    }

    /// Of each network's first domain; not where it is clear already that others are asked, who would
    /// hear of private domains.
    private func namesAsked(_ health: [HealthReport]) async -> [DoctorFacts.NameAsked] {
        guard configuration.dns.host != .none, names != nil,
            !health.contains(where: { NameFinding.Code.breaking.contains($0.code) })
        else { return [] }
        let domains = (toldZones?.zones ?? []).compactMap(\.domains.first).prefix(Self.domainsMax)
        var asked: [DoctorFacts.NameAsked] = []
        for domain in domains {
            let answer = await Resolver.address(of: NameProbe.name(in: domain))
            asked.append(.init(domain: domain, by: "getaddrinfo(3)", answer: answer))
            // Each of the others would take as long.
            if answer == nil { break }
        }
        return asked
    }

    private static let domainsMax = 20
}
