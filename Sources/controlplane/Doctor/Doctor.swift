internal import Protocol
internal import Reports

/// From facts to what a person should know and do. Pure.
enum Doctor {
    static func report(_ facts: DoctorFacts) -> DoctorReport {
        DoctorReport(
            checks: running(facts) + networks(facts) + symptoms(facts) + health(facts)
                + kernel(facts) + tools(facts) + lan(facts) + reversePaths(facts) + routes(facts)
                + conntrack(facts) + clock(facts) + drops(facts))
    }

    typealias Check = DoctorReport.Check

    private static func running(_ facts: DoctorFacts) -> [Check] {
        if facts.isRunning { return [Check("running", .ok, "dvpn is running")] }
        var checks = [
            Check(
                "running", .error, "dvpn is not running",
                fix: "systemctl start dvpn.target, then journalctl -u dvpn-controlplane")
        ]
        if facts.hasLeftovers {
            checks.append(
                Check(
                    "leftover-state", .warning,
                    "routes and rules of an earlier run are there, so that private addresses lead nowhere",
                    fix: "start dvpn again, or remove them: dvpnctl cleanup"))
        }
        return checks
    }

    private static func networks(_ facts: DoctorFacts) -> [Check] {
        facts.stuck.map { network in
            let error = network.lastError
            let text = error.map { "\($0.text) (\($0.code))" } ?? network.reason
            let isWaiting = [.locked, .holdoff].contains(network.state)
            let word = isWaiting ? network.state.rawValue : "failed"
            return Check(
                "network-\(word)", network.state == .locked ? .error : .warning,
                "network \(network.name): \(text)", fix: Remedy.of(network))
        }
    }

    private static func symptoms(_ facts: DoctorFacts) -> [Check] {
        facts.symptoms.sorted { $0.key < $1.key }.map { network, symptom in
            Check(
                symptom.code, .warning, "network \(network): \(symptom.text)",
                fix: symptom.fix(network))
        }
    }

    private static func health(_ facts: DoctorFacts) -> [Check] {
        facts.health.map { message in
            let result: DoctorReport.Result =
                switch message.severity {
                case .notice: .notice
                case .warning: .warning
                case .error: .error
                }
            return Check(message.code, result, message.text, fix: message.fix)
        }
    }

    private static func kernel(_ facts: DoctorFacts) -> [Check] {
        // A running controlplane has said so already.
        if facts.health.contains(where: { $0.code == HostFinding.Code.kernelOld.rawValue }) {
            return []
        }
        if let finding = KernelVersion.finding(release: facts.kernelRelease) {
            return [
                Check(
                    finding.code.rawValue, .error, finding.message,
                    fix: "install a newer kernel (apt full-upgrade), and reboot")
            ]
        }
        return [Check("kernel", .ok, "kernel \(facts.kernelRelease) has what is needed")]
    }

    private static func tools(_ facts: DoctorFacts) -> [Check] {
        facts.tools.map { tool in
            guard let path = tool.path else {
                return Check(
                    "tool-missing", .error,
                    "\(tool.name) is not installed; it is needed for \(tool.purpose)",
                    fix: "apt install \(tool.package)")
            }
            return Check("tool", .ok, "\(tool.name) is \(path)")
        }
    }

    private static func lan(_ facts: DoctorFacts) -> [Check] {
        var checks = facts.lan.filter { !facts.interfaces.contains($0) }.map {
            Check(
                HostFinding.Code.lanMissing.rawValue, .warning,
                "interface \($0) of `lan` is not there",
                fix: "`ip link` lists those that are; it is served as soon as it comes")
        }
        for name in facts.lan where facts.settings[forwarding(name)] == "0" {
            checks.append(
                Check(
                    "forwarding-off", facts.isRunning ? .error : .notice,
                    "IPv4 from \(name) is not forwarded, so that its hosts get nowhere",
                    fix: "dvpn switches it on when it starts; somebody has switched it off again: "
                        + "look for forwarding in /etc/sysctl.d"))
        }
        return checks
    }

    /// The setting that lets an interface's packets through, under /proc/sys/net.
    static func forwarding(_ interface: String) -> String {
        "ipv4/conf/\(interface)/forwarding"
    }

    /// dvpn relaxes it when it starts, and whenever it hears of a change; not where /proc/sys is
    /// read-only, or another program is as stubborn.
    private static func reversePaths(_ facts: DoctorFacts) -> [Check] {
        guard facts.isRunning else { return [] }
        return ([HostNames.device] + facts.devices.sorted()).compactMap { device in
            let keys = ["all", device].map(SysctlPlan.reversePath)
            // The larger of the two counts (ip-sysctl), and 1 is the strict one.
            let values = keys.compactMap { facts.settings[$0].flatMap { Int($0) } }
            guard values.count == keys.count, values.max() == 1 else { return nil }
            let strict = keys.filter { facts.settings[$0] == "1" }.joined(separator: " and ")
            return Check(
                "reverse-path-strict", .error,
                "\(strict) is 1: the kernel drops what comes from \(device), because no route "
                    + "leads its sources there",
                fix: "another program sets it: write net.ipv4.conf.all.rp_filter=0 in "
                    + "/etc/sysctl.d, with default.rp_filter=1 to keep it for the other interfaces; then: dvpnctl reload"
            )
        }
    }

    /// Another VPN's, mostly: dvpn's rule comes before the main table, so that dvpn gets the packets.
    private static func routes(_ facts: DoctorFacts) -> [Check] {
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
                    "route-overlap", .warning,
                    "the route \(route.prefix.text) by \(route.device) (table \(route.table)) overlaps "
                        + "\(hit.prefix.text) of network \(hit.network): addresses in both go to one of them only",
                    fix: "take the shared addresses out of one, or give `prefixes` the longer ones")
            )
            if checks.count == 20 { break }
        }
        return checks
    }

    private static func conntrack(_ facts: DoctorFacts) -> [Check] {
        guard let table = facts.conntrack else { return [] }
        let percent = 100 * table.entries / max(table.limit, 1)
        let text = "conntrack's table has \(table.entries) of \(table.limit) entries"
        guard percent >= 80 else { return [Check("conntrack", .ok, text)] }
        return [
            Check(
                "conntrack-full", percent >= 95 ? .error : .warning,
                "\(text): new connections are dropped when it is full",
                fix: "sysctl net.netfilter.nf_conntrack_max=\(table.limit * 4)")
        ]
    }

    private static func clock(_ facts: DoctorFacts) -> [Check] {
        // dvpn did not exist before 2025; gateways' certificates are not valid then either.
        if facts.clock < 1_735_689_600 {
            return [
                Check(
                    "clock-wrong", .error,
                    "the clock is years behind: certificates are not valid yet",
                    fix: "install and start a time service, such as systemd-timesyncd")
            ]
        }
        guard facts.isClockKept == false else { return [] }
        return [
            Check(
                "clock-unkept", .notice, "nothing keeps the clock right, as the kernel sees it",
                fix: "certificates and one-time codes need a right one: start a time service")
        ]
    }

    private static func drops(_ facts: DoctorFacts) -> [Check] {
        let meanings: [(name: String, text: String, fix: String)] = [
            (
                "leak",
                "packets for private addresses would have left in the clear, and were dropped",
                "some are normal while dvpn starts; if there are more now: dvpnctl reload"
            ),
            (
                "stranger",
                "packets for private addresses came from outside the LAN, and were dropped",
                "if they may come, add their interface to `lan`"
            ),
            (
                "forged",
                "packets from the doorbell were not what they should be, and were dropped",
                "look who beside dvpn-dataplane has a tun device open: fuser -v /dev/net/tun; if "
                    + "nobody has: dvpnctl bugreport"
            ),
            (
                "straight", "connections came to dvpn's own port, and were refused",
                "clients connect to the private addresses themselves: look for a port scan"
            ),
            (
                "returned", "packets came back from a tunnel that had gone, and were dropped",
                "some are normal when a tunnel ends; why it ended: dvpnctl events"
            ),
        ]
        return meanings.compactMap { name, text, fix in
            guard let count = facts.drops[name], count > 0 else { return nil }
            return Check(
                "dropped-\(name)", name == "forged" ? .warning : .notice, "\(count) \(text)",
                fix: fix)
        }
    }
}
