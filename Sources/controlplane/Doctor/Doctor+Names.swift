internal import Reports

/// Whether questions for private names reach dvpn, from this host's own programs and from the LAN.
extension Doctor {
    static func names(_ facts: DoctorFacts) -> [Check] {
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
