extension NftSets {
    /// The script that makes of other sets these by adding and deleting elements; nil where more is
    /// other: rules name devices, and are left out where a set is empty.
    func change(from old: NftSets) -> String? {
        guard lan == old.lan, tunnels == old.tunnels, empty == old.empty else { return nil }
        let pairs = [
            (HostNames.steering, "steered", steered, old.steered),
            (HostNames.steering, "packets", packets, old.packets),
            (HostNames.steering, "routed", routed, old.routed),
            (HostNames.steering, "eager", eager, old.eager),
            (HostNames.steering, "blocked", blocked, old.blocked),
            (HostNames.guarding, "private", guarded, old.guarded),
            (HostNames.guarding, "ways", ways, old.ways),
        ]
        return pairs.map { table, name, new, old in
            Self.change(table, "\(name)4", new.ipv4, old.ipv4)
                + Self.change(table, "\(name)6", new.ipv6, old.ipv6)
        }.joined()
    }

    /// In one transaction with what is added, nothing is ever missing.
    private static func change(
        _ table: String, _ name: String, _ new: [String], _ old: [String]
    ) -> String {
        let (front, back) = new.common(with: old)
        let after = new[front..<(new.count - back)]
        let before = old[front..<(old.count - back)]
        let (kept, known) = (Set(after), Set(before))
        return NftText.elements("delete", table, name, before.filter { !kept.contains($0) })
            + NftText.elements("add", table, name, after.filter { !known.contains($0) })
    }
}
