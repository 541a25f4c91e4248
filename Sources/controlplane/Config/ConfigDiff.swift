/// What a reload has to change: nothing that is not named here may be touched.
struct ConfigDiff: Equatable, Sendable {
    /// One network before and after. Where it stands in the file does not count.
    struct Change: Equatable, Sendable {
        /// What is different.
        struct Aspects: OptionSet, Hashable, Sendable {
            let rawValue: UInt8
            /// Other prefixes: tables and routes.
            static let prefixes = Aspects(rawValue: 1)
            /// Another way: the tunnel is another one.
            static let via = Aspects(rawValue: 2)
            /// The other connect mode: the dataplane's table.
            static let connect = Aspects(rawValue: 4)
            /// Packets are treated in another way: the dataplane's table and the rules.
            static let packets = Aspects(rawValue: 8)
            /// Other domains or name servers.
            static let names = Aspects(rawValue: 16)
        }

        let before: Network
        let after: Network

        var aspects: Aspects {
            var aspects = Aspects()
            if before.prefixes != after.prefixes { aspects.insert(.prefixes) }
            if before.via != after.via { aspects.insert(.via) }
            if before.connect != after.connect { aspects.insert(.connect) }
            if (before.packets, before.blockedPorts) != (after.packets, after.blockedPorts) {
                aspects.insert(.packets)
            }
            if (before.domains, before.nameServers) != (after.domains, after.nameServers) {
                aspects.insert(.names)
            }
            return aspects
        }
    }

    /// In the order of the new configuration.
    private(set) var added: [Network] = []
    private(set) var changed: [Change] = []

    /// In the order of the old configuration.
    private(set) var removed: [Network] = []

    let lanChanged: Bool
    let holdChanged: Bool
    let limitsChanged: Bool
    let dnsChanged: Bool
    let webChanged: Bool
    let forwardsChanged: Bool

    /// True where the reload has nothing to do.
    var isEmpty: Bool {
        added.isEmpty && changed.isEmpty && removed.isEmpty
            && !lanChanged && !holdChanged && !limitsChanged && !dnsChanged && !webChanged
            && !forwardsChanged
    }

    init(from old: Configuration, to new: Configuration) {
        // Names are unique in a Configuration.
        let before = Dictionary(
            uniqueKeysWithValues: zip(old.networks.lazy.map(\.name), old.networks.indices))
        let kept = Set(new.networks.map(\.name))
        // The order of interfaces means nothing.
        lanChanged = Set(old.lan) != Set(new.lan) || old.masquerade != new.masquerade
        holdChanged = old.holdMs != new.holdMs
        limitsChanged = old.limits != new.limits
        dnsChanged = old.dns != new.dns
        webChanged = old.web != new.web
        forwardsChanged =
            old.forwards.count != new.forwards.count
            || !zip(old.forwards, new.forwards).allSatisfy { $0.isSame(as: $1) }
        removed = old.networks.filter { !kept.contains($0.name) }
        for network in new.networks {
            guard let earlier = before[network.name].map({ old.networks[$0] }) else {
                added.append(network)
                continue
            }
            let change = Change(before: earlier, after: network)
            if !change.aspects.isEmpty { changed.append(change) }
        }
    }
}
