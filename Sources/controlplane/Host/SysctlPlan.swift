/// Which settings must change for the doorbell to work, and what cannot be changed.
struct SysctlPlan: Equatable, Sendable {
    /// In the order in which they are to be made.
    var changes: [SysctlChange] = []
    var findings: [HostFinding] = []

    /// - Parameters:
    ///   - values: current values by key; a missing key is a setting that the kernel does not have.
    ///   - interfaces: all interfaces of the namespace but the doorbell.
    ///   - tunnels: devices of tunnels that are there.
    ///   - masquerade: the LAN reaches the rest of the world, too, and is answered by any interface.
    static func desired(
        values: [String: String], interfaces: [String], lan: [String], tunnels: [String],
        ipv6: Bool,
        masquerade: Bool = false
    ) -> SysctlPlan {
        var plan = SysctlPlan()
        plan.relaxReversePath(values, Set(interfaces).subtracting(tunnels))
        for name in Array(Set(lan)).sorted() {
            guard interfaces.contains(name) else {
                plan.findings.append(.lanMissing(name))
                continue
            }
            plan.change("ipv4/conf/\(name)/forwarding", to: "1", values)
            if ipv6 { plan.forward6(name, values) }
        }
        if masquerade {
            for name in Set(interfaces).subtracting(lan + tunnels + ["lo"]).sorted() {
                plan.change("ipv4/conf/\(name)/forwarding", to: "1", values)
            }
        }
        for device in tunnels {
            plan.answer(device, values, lan: lan, ipv6: ipv6)
        }
        return plan
    }

    /// Answers that come in by a tunnel's device get to whom they are for.
    mutating func answer(
        _ device: String, _ values: [String: String], lan: [String], ipv6: Bool
    ) {
        // Some come when its routes have been taken away already, before it is closed.
        let isStrict = [device, "all"].contains { values[Self.reversePath($0)] == "1" }
        if isStrict && values[Self.reversePath(device)] != "2" {
            change(Self.reversePath(device), to: "2", values)
        }
        guard !lan.isEmpty else { return }
        change("ipv4/conf/\(device)/forwarding", to: "1", values)
        guard ipv6, values["ipv6/conf/all/forwarding"] == "0" else { return }
        change("ipv6/conf/\(device)/force_forwarding", to: "1", values)
    }

    /// The keys whose values `desired` needs to know.
    static func keys(
        interfaces: [String], lan: [String], tunnels: [String], masquerade: Bool = false
    ) -> [String] {
        Set(["all", "default"] + interfaces + tunnels).map(reversePath)
            + (lan + tunnels + (masquerade ? interfaces : [])).flatMap(forwarding) + [
                "ipv6/conf/all/forwarding"
            ]
    }

    /// Recorded changes to take back, last first: those whose value is still the one dvpn wrote.
    static func undo(_ recorded: [SysctlChange], values: [String: String]) -> [SysctlChange] {
        recorded.reversed().filter { values[$0.key] == $0.now }
    }

    /// Recorded changes that nobody wants any more: those of interfaces that left `lan`, and of
    /// tunnels that were closed.
    static func superseded(
        _ recorded: [SysctlChange], lan: [String], tunnels: [String], masquerade: Bool = false
    ) -> [SysctlChange] {
        guard !masquerade else { return [] }
        let kept = Set((lan + (lan.isEmpty ? [] : tunnels)).flatMap(forwarding))
        return recorded.filter { $0.key.hasSuffix("forwarding") && !kept.contains($0.key) }
    }

    /// The record once `changes` are made: of a setting changed again, because somebody had changed
    /// it back, the latest value is the one to return to.
    static func merge(_ recorded: [SysctlChange], _ changes: [SysctlChange]) -> [SysctlChange] {
        recorded.filter { old in !changes.contains { $0.key == old.key } } + changes
    }

    /// The strict reverse path filter (RFC 3704) of `all` counts for the doorbell too, where every
    /// packet written back would be lost. The larger of `all` and an interface's own value counts,
    /// so the same protection is had by giving `all`'s to every interface, future ones as well, and
    /// then taking it from `all`. In this order no interface is ever without it.
    private mutating func relaxReversePath(
        _ values: [String: String], _ interfaces: Set<String>
    ) {
        guard values[Self.reversePath("all")] == "1" else { return }
        for name in ["default"] + interfaces.sorted() where values[Self.reversePath(name)] == "0" {
            change(Self.reversePath(name), to: "1", values)
        }
        change(Self.reversePath("all"), to: "0", values)
    }

    /// IPv6 forwards for the whole host or, from Linux 6.17 on, for one interface.
    private mutating func forward6(_ name: String, _ values: [String: String]) {
        // A host that forwards takes no router advertisements: never `all`, it may be a laptop.
        guard values["ipv6/conf/all/forwarding"] == "0" else { return }
        let key = "ipv6/conf/\(name)/force_forwarding"
        if values[key] != nil { return change(key, to: "1", values) }
        findings.append(.notForwarded6(name))
    }

    private mutating func change(_ key: String, to now: String, _ values: [String: String]) {
        guard let was = values[key], was != now else { return }
        changes.append(SysctlChange(key: key, was: was, now: now))
    }

    private static func forwarding(_ name: String) -> [String] {
        ["ipv4/conf/\(name)/forwarding", "ipv6/conf/\(name)/force_forwarding"]
    }

    /// The reverse path filter of an interface, or of `all`.
    static func reversePath(_ name: String) -> String { "ipv4/conf/\(name)/rp_filter" }
}
