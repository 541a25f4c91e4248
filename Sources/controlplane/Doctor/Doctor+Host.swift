internal import Protocol
internal import Reports

/// The kernel and what it has, tables that run full, and the clock.
extension Doctor {
    static func kernel(_ facts: DoctorFacts) -> [Check] {
        // A running controlplane has said so already.
        if facts.knows(.kernelOld) { return [] }
        if let finding = KernelVersion.finding(release: facts.kernelRelease) {
            return [Check(finding.code.rawValue, .error, finding.message, fix: finding.fix)]
        }
        return [Check(.kernel, .ok, "kernel \(facts.kernelRelease) is new enough")]
    }

    static func features(_ facts: DoctorFacts) -> [Check] {
        facts.features.map { feature in
            switch feature.state {
            case .there: Check(.feature, .ok, "\(feature.name) works")
            case .missing(let words):
                Check(
                    .featureMissing, .error,
                    "\(feature.name) does not work, which is needed for \(feature.purpose): \(words)",
                    fix: feature.fix)
            case .unknown(let words):
                Check(
                    .featureUnknown, .notice, "\(feature.name) could not be looked at: \(words)",
                    fix: "run it as root: sudo dvpnctl doctor")
            }
        } + [ipv6(facts)].compactMap { $0 }
    }

    private static func ipv6(_ facts: DoctorFacts) -> Check? {
        if facts.hasIPv6 { return Check(.feature, .ok, "IPv6 is on") }
        let isWanted = facts.privates.contains { $0.prefix.family == .ipv6 }
        guard isWanted else {
            let known = facts.mistakes.isEmpty ? ", and no prefix needs it" : ""
            return Check(.feature, .ok, "IPv6 is off\(known)")
        }
        return facts.knows(.ipv6Off) ? nil : Check(.ipv6Off)
    }

    static func conntrack(_ facts: DoctorFacts) -> [Check] {
        guard let table = facts.conntrack else { return [] }
        let percent = 100 * table.entries / max(table.limit, 1)
        let text = "conntrack's table has \(table.entries) of \(table.limit) entries"
        guard percent >= 80 else { return [Check(.conntrack, .ok, text)] }
        return [
            Check(
                .conntrackFull, percent >= 95 ? .error : .warning,
                "\(text): new connections are dropped when it is full",
                fix: "sysctl net.netfilter.nf_conntrack_max=\(table.limit * 4)")
        ]
    }

    static func clock(_ facts: DoctorFacts) -> [Check] {
        // dvpn did not exist before 2025; gateways' certificates are not valid then either.
        if facts.clock < 1_735_689_600 {
            return [
                Check(
                    .clockWrong, .error,
                    "the clock is years behind: certificates are not valid yet",
                    fix: "install and start a time service, such as systemd-timesyncd")
            ]
        }
        switch facts.isClockKept {
        case nil: return []
        case true?: return [Check(.clock, .ok, "something keeps the clock right")]
        case false?:
            return [
                Check(
                    .clockUnkept, .notice,
                    "nothing keeps the clock right, as the kernel sees it",
                    fix: "certificates and one-time codes need a right one: start a time service")
            ]
        }
    }
}
