internal import Reports

/// The explanation with what only a running controlplane knows.
extension Supervisor {
    func explain(_ text: String, tries: Bool) async throws(OperatorError) -> ExplainReport {
        let target: HostPort
        do throws(HostPort.NoHost) {
            target = try HostPort(text)
        } catch {
            throw OperatorError(
                .badRequest, "\"\(text.prefix(300))\" is neither a name nor an address",
                fix: "write it like git.corp.example:22")
        }
        // A released network is explained, too.
        let complete = releases.isEmpty ? configuration : releases.configured
        let survey = ExplainSurvey(host: parts.system, configuration: complete)
        var (facts, network) = await survey.facts(target, tries: tries)
        guard let network else { return Explanation.report(facts) }
        if let key = network.tunnel {
            let hasFailed = facts.attempt?.failure != nil
            let symptom = hasFailed ? await symptomSoon(of: key) : await symptom(of: key)
            facts.symptom = symptom ?? facts.symptom
            facts.hasFailed = tunnels[key]?.hasFailed ?? false
        }
        // After the attempt, to tell what came of it; with its user, whom a summary does not have.
        facts.network = try? await self.network(network.name)
        return Explanation.report(facts)
    }
}
