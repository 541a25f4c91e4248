internal import FoundationEssentials
internal import Reports

/// The explanation with what only a running controlplane knows.
extension Supervisor {
    func explain(_ text: String, tries: Bool) async throws(OperatorError) -> ExplainReport {
        let target = try ExplainTarget.parse(text, tries: tries)
        // A released network is explained, too.
        let complete = releases.isEmpty ? configuration : releases.configured
        let survey = ExplainSurvey(
            host: parts.system, configuration: complete, zones: toldZones?.zones ?? [],
            standing: Set(
                tunnels.filter { $0.value.machine.state.isStanding }.keys.flatMap(networkNames)),
            gateways: Array(gateways.lastGood.values))
        var (facts, network) = await survey.facts(target, tries: tries)
        facts.isNetworkName = complete.networks.contains { $0.name == target.host }
        guard let network else { return Explanation.report(facts) }
        if let key = network.tunnel {
            // What the gateway refused earlier is over.
            if facts.hasConnected { tunnels[key]?.refusal = nil }
            let hasFailed = facts.attempt?.failure != nil
            let symptom = hasFailed ? await symptomSoon(of: key) : await symptom(of: key)
            facts.symptom = symptom ?? facts.symptom
            facts.hasFailed = tunnels[key]?.hasFailed ?? false
        }
        // After the attempt, to tell what came of it; with its user, whom a summary does not have.
        facts.network = try? await self.network(network.name)
        facts.retrySeconds = facts.network?.nextRetry.map {
            max(0, Int($0.timeIntervalSinceNow.rounded(.up)))
        }
        return Explanation.report(facts)
    }
}
