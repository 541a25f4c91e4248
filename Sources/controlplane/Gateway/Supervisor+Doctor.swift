internal import Reports

/// The doctor with what only a running controlplane knows.
extension Supervisor {
    func doctor() async -> DoctorReport {
        var facts = await DoctorSurvey(host: parts.system, configuration: configuration).facts()
        facts.health = await health()
        facts.namesAsked = await namesAsked(facts.health)
        facts.stuck = summaries(of: failedNetworks())
        facts.symptoms = await symptoms()
        facts.heldDown = heldDownNetworks()
        facts.asking = askingNetworks()
        return Doctor.report(facts)
    }

    /// Of each network's first domain, by this host's programs, and of one by the LAN; not where it is clear already that others are asked, who would
    /// hear of private domains.
    private func namesAsked(_ health: [HealthReport]) async -> [DoctorFacts.NameAsked] {
        guard names != nil,
            !health.contains(where: { NameFinding.Code.breaking.contains($0.code) })
        else { return [] }
        let dns = configuration.dns
        let domains = (toldZones?.zones ?? []).compactMap(\.domains.first).prefix(Self.domainsMax)
        var asked: [DoctorFacts.NameAsked] = []
        // Who gives no answer would take as long for each of the others.
        for domain in domains where dns.host != .none && asked.allSatisfy({ $0.answer != nil }) {
            asked.append(await NameProbe.ask(domain))
        }
        guard dns.mode == .managed, let domain = domains.first else { return asked }
        for case let server? in dns.listen.map({ Nameserver(text: "\($0)#\(dns.port)") })
        where !server.isLoopback {
            asked.append(await NameProbe.ask(domain, of: server))
        }
        return asked
    }

    private static let domainsMax = 20
}
