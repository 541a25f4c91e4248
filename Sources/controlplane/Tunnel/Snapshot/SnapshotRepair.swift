/// What a foreign script has left wrong, and how it is put right. Pure.
///
/// Only what the script broke: what the host itself has changed meanwhile, a DHCP client for
/// instance, is left as it is.
struct SnapshotRepair: Equatable, Sendable {
    enum Action: Equatable, Sendable {
        case add(MainRoute)
        case remove(MainRoute)
        /// Makes resolv.conf what it was: link, content, mode, owner.
        case restore(ResolverSnapshot)
    }

    let action: Action
    /// What was wrong, for a person; the end of the sentence says what was done.
    let finding: String

    /// - Parameters:
    ///   - now: taken in the same way; after a reboot its `boot` is another one.
    static func plan(before: HostSnapshot, now: HostSnapshot) -> [SnapshotRepair] {
        var repairs: [SnapshotRepair] = []
        // What a boot has made of routes is the system's own business.
        if before.boot == now.boot {
            repairs += defaultRoutes(before, now) + gatewayRoutes(before, now)
        }
        if let finding = resolverFinding(before, now) {
            repairs.append(SnapshotRepair(action: .restore(before.resolver), finding: finding))
        }
        return repairs
    }

    private static func defaultRoutes(
        _ before: HostSnapshot, _ now: HostSnapshot
    ) -> [SnapshotRepair] {
        var repairs: [SnapshotRepair] = []
        for family in [4, 6] {
            let old = before.defaultRoutes.filter { $0.family == family }
            let new = now.defaultRoutes.filter { $0.family == family }
            let intruders = new.filter { $0.devices.contains(before.device) && !old.contains($0) }
            repairs += intruders.map {
                SnapshotRepair(
                    action: .remove($0),
                    finding: "the default route led into \(before.device); removed: \($0.text)")
            }
            // Another uplink's, which was not there: the host has moved.
            guard new.allSatisfy({ old.contains($0) || intruders.contains($0) }) else { continue }
            repairs += old.filter { !$0.isAdvertised && !new.contains($0) }.map {
                SnapshotRepair(
                    action: .add($0),
                    finding: "the default route was missing; restored: \($0.text)")
            }
        }
        return repairs
    }

    private static func gatewayRoutes(
        _ before: HostSnapshot, _ now: HostSnapshot
    ) -> [SnapshotRepair] {
        let left = now.gatewayRoutes.filter { !before.gatewayRoutes.contains($0) }.map {
            SnapshotRepair(
                action: .remove($0),
                finding: "a route to the gateway was left behind; removed: \($0.text)")
        }
        let lost = before.gatewayRoutes.filter { !now.gatewayRoutes.contains($0) }.map {
            SnapshotRepair(
                action: .add($0),
                finding: "the route to the gateway was missing; restored: \($0.text)")
        }
        return left + lost
    }

    private static func resolverFinding(_ before: HostSnapshot, _ now: HostSnapshot) -> String? {
        let (old, new) = (before.resolver, now.resolver)
        guard new != old else { return nil }
        guard new.content != nil else {
            return old.content == nil && old.link == new.link
                ? nil : "resolv.conf was missing; restored"
        }
        // Whoever wrote it last, the script or a repair of ours, was ended between two steps.
        if new.content?.isEmpty == true && old.content?.isEmpty == false {
            return "resolv.conf was empty; restored"
        }
        if new.content == old.content {
            // The same words in another place, or out of others' reach.
            return "resolv.conf was another file than before, or had another mode; restored"
        }
        let strangers = new.nameServers.filter {
            before.nameServers.contains($0) && !old.nameServers.contains($0)
        }
        guard new.isGenerated && !old.isGenerated || !strangers.isEmpty else { return nil }
        let servers = new.nameServers.joined(separator: ", ")
        return "resolv.conf was still the tunnel's (nameserver \(servers)); restored"
    }
}
