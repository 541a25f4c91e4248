internal import Protocol

extension HostLabels {
    /// As few prefixes as possible whose routes to the doorbell do for all tunnelled ones, ascending.
    ///
    /// One inside another adds nothing, unless a prefix of another meaning lies between them. Two
    /// halves are their whole, unless that whole has another meaning: its own route would be as long.
    var covering: [Prefix] {
        let others = Set(blocks.lazy.filter { $0.label != .tunnel }.map(\.prefix))
        var cover: [Prefix] = []
        for prefix in outermost {
            cover.append(prefix)
            while cover.count >= 2, let whole = Self.whole(of: cover[cover.count - 2], cover.last),
                !others.contains(whole)
            {
                cover.removeLast(2)
                cover.append(whole)
            }
        }
        return cover
    }

    /// The tunnelled prefixes whose nearest surrounding one is not tunnelled, ascending.
    private var outermost: [Prefix] {
        var around: [Block] = []
        var result: [Prefix] = []
        for block in blocks {
            let prefix = block.prefix
            while let last = around.last, !last.prefix.contains(prefix.address, prefix.family) {
                around.removeLast()
            }
            if block.label == .tunnel && around.last?.label != .tunnel { result.append(prefix) }
            around.append(block)
        }
        return result
    }

    /// The prefix whose lower and upper half these are; nil where they are not.
    private static func whole(of lower: Prefix, _ upper: Prefix?) -> Prefix? {
        guard let upper, lower.family == upper.family, lower.length == upper.length,
            lower.length > 1
        else { return nil }
        let length = lower.length - 1
        let address = lower.address.masked(length)
        // Different prefixes of one length with one parent: ascending, they are its halves.
        guard upper.address.masked(length) == address else { return nil }
        return Prefix(family: lower.family, length: length, address: address)
    }
}
