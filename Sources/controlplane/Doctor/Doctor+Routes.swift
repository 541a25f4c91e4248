internal import Protocol
internal import Reports

/// What decides where packets go: forwarding, the reverse path filter, others' routes.
extension Doctor {
    static func forwarding(_ facts: DoctorFacts) -> [Check] {
        // A running controlplane has named those that are not there.
        let isTold = facts.knows(.lanMissing)
        return facts.lan.flatMap { name -> [Check] in
            guard facts.interfaces.contains(name) else {
                return isTold ? [] : [Check(.lanMissing(name))]
            }
            return [forwarding4(name, facts), forwarding6(name, facts)].compactMap { $0 }
        }
    }

    /// The setting that lets an interface's IPv4 packets through, under /proc/sys/net.
    static func forwarding(_ interface: String) -> String {
        "ipv4/conf/\(interface)/forwarding"
    }

    /// Those that let its IPv6 packets through: either will do, and the second is Linux 6.17's.
    static func forwarding6(_ interface: String) -> [String] {
        ["ipv6/conf/all/forwarding", "ipv6/conf/\(interface)/force_forwarding"]
    }

    private static func forwarding4(_ name: String, _ facts: DoctorFacts) -> Check {
        guard facts.settings[forwarding(name)] == "0" else {
            return Check(.forwarding, .ok, "IPv4 from \(name) is forwarded")
        }
        return Check(
            .forwardingOff, facts.isRunning ? .error : .notice,
            "IPv4 from \(name) is not forwarded, so that its hosts get nowhere",
            fix: "dvpn switches it on when it starts; somebody has switched it off again: look for "
                + "forwarding in /etc/sysctl.d")
    }

    /// Only where a prefix needs it: dvpn never switches it on for the whole host.
    private static func forwarding6(_ name: String, _ facts: DoctorFacts) -> Check? {
        guard facts.hasIPv6, facts.privates.contains(where: { $0.prefix.family == .ipv6 }) else {
            return nil
        }
        if forwarding6(name).contains(where: { facts.settings[$0] ?? "0" != "0" }) {
            return Check(.forwarding, .ok, "IPv6 from \(name) is forwarded")
        }
        guard !facts.knows(.ipv6NotForwarded) else { return nil }
        return Check(.notForwarded6(name))
    }

    static func reversePaths(_ facts: DoctorFacts) -> [Check] {
        guard facts.isRunning else { return [] }
        return ([HostNames.device] + facts.devices.sorted()).compactMap { device in
            ReversePath.complaint(device) { facts.settings[$0] }.map {
                Check(.reversePathStrict, .error, $0, fix: ReversePath.fix)
            }
        }
    }

    /// Another VPN's, mostly: dvpn's rule comes before the main table, so that dvpn gets the packets.
    static func routes(_ facts: DoctorFacts) -> [Check] {
        var checks: [Check] = []
        for route in facts.routes where route.prefix.length > 0 {
            let range = AddressRange(route.prefix)
            let hit = facts.privates.first { entry in
                let other = AddressRange(entry.prefix)
                return entry.device != route.device && other.family == range.family
                    && other.first <= range.last && range.first <= other.last
            }
            guard let hit else { continue }
            checks.append(
                Check(
                    .routeOverlap, .warning,
                    "the route \(route.prefix.text) by \(route.device) (table \(route.table)) overlaps "
                        + "\(hit.prefix.text) of network \(hit.network): addresses in both go to one of them only",
                    fix: "take the shared addresses out of one, or give `prefixes` the longer ones")
            )
            if checks.count == 20 { break }
        }
        return checks
    }
}
