internal import Reports

/// Whether questions for private names reach dvpn, from this host's own programs and from the LAN.
extension Doctor {
    static func names(_ facts: DoctorFacts) -> [Check] { [resolver(facts)] + probes(facts) }

    private static func resolver(_ facts: DoctorFacts) -> Check {
        guard !facts.nameservers.isEmpty else {
            return Check(
                .resolverNone, .warning, "\(ResolverFile.path) names no server",
                fix: "write a nameserver into it; for private names: docs/names.md")
        }
        let servers = facts.nameservers.joined(separator: ", ")
        return Check(
            .resolver, .ok, "this host's programs ask \(servers) (\(ResolverFile.path))")
    }

    private static func probes(_ facts: DoctorFacts) -> [Check] {
        facts.namesAsked.map { asked in
            guard asked.answer != NameProbe.answer else {
                return Check(
                    .names, .ok, "questions for \(asked.domain) reach dvpn, asked by \(asked.by)")
            }
            let got = asked.answer.map { "the answer was \($0)" } ?? "nobody answered"
            let cause =
                asked.isLAN
                ? "see whether dnsmasq runs, and who else has its port: ss -lunp"
                : "see whom \(ResolverFile.path) names and /etc/nsswitch.conf asks (hosts: … dns)"
            return Check(
                .namesAstray, .warning,
                "questions for \(asked.domain) do not reach dvpn, asked by \(asked.by): \(got)",
                fix:
                    "\(cause); what is told to whom: docs/names.md; to tell them anew: dvpnctl reload"
            )
        }
    }
}
