/// The filters of all tunnels with a device. Equal ones share their rules.
struct TunnelFilters: Equatable, Sendable {
    /// Devices that have something in common.
    struct Group<Key: Hashable & Sendable>: Equatable, Sendable {
        let key: Key
        /// Ascending.
        let devices: [String]
    }

    let pass: [Group<PacketFilter>]
    let keepUp: [Group<PacketFilter>]

    /// How long a flow is remembered, in milliseconds: as long as its tunnel may be idle.
    let timeoutMs: [Group<Int>]

    init(_ networks: [HostInput.Network]) {
        pass = Self.groups(networks, by: \.pass)
        keepUp = Self.groups(networks, by: \.keepUp)
        timeoutMs = Self.groups(networks) { network, _ in network.idleMs ?? Self.alwaysUpMs }
    }

    /// For tunnels that are never closed: people may still ask what used one last.
    private static let alwaysUpMs = 3_600_000

    private static func groups<Key: Hashable>(
        _ networks: [HostInput.Network], by key: KeyPath<PacketSettings, Key>
    ) -> [Group<Key>] {
        groups(networks) { $1[keyPath: key] }
    }

    private static func groups<Key: Hashable>(
        _ networks: [HostInput.Network], by key: (HostInput.Network, PacketSettings) -> Key
    ) -> [Group<Key>] {
        var devices: [Key: [String]] = [:]
        for network in networks {
            guard let packets = network.packets else { continue }
            devices[key(network, packets), default: []].append(packets.device)
        }
        return devices.map { Group(key: $0.key, devices: $0.value.sorted()) }
            .sorted { $0.devices[0] < $1.devices[0] }
    }
}
