internal import Protocol

/// Which network owns an address: the longest prefix wins.
///
/// The prefixes stand in one sorted array, each with the index of the narrowest one around it. A
/// lookup finds the last prefix that starts at or before the address, and then walks outwards: at
/// most one step for each level of nesting. For the first part the span of the prefixes is cut into
/// as many buckets as there are prefixes, and a binary search is left within one bucket: about one
/// step where they are spread evenly, O(log n) where they are not.
struct PrefixTable {
    struct Entry {
        var prefix = Prefix(family: .ipv4, length: 0, address: Address(high: 0, low: 0))
        var network: UInt32 = 0
        /// The narrowest prefix around this one; 0 for none.
        var parent: UInt32 = 0
    }

    private let entries: Slab<Entry>
    /// Entries 1...count, the IPv4 ones first.
    private(set) var count: UInt32 = 0
    private var countIPv4: UInt32 = 0
    private var bucketsIPv4 = PrefixBuckets()
    private var bucketsIPv6 = PrefixBuckets()

    /// - Parameter capacity: prefixes at most.
    init(capacity: Int) {
        entries = Slab(count: capacity + 1)
    }

    /// Its memory goes back as well.
    @_noAllocation @_noLocks
    mutating func removeAll() {
        count = 0
        countIPv4 = 0
        entries.vacate()
        bucketsIPv4.removeAll()
        bucketsIPv6.removeAll()
    }

    /// Appends what another table has before this prefix, or all that is left of it, and steps over
    /// the prefix itself.
    ///
    /// - Parameter slot: the first that was not taken yet; begins at 1.
    /// - Returns: false if there is no room.
    @_noAllocation @_noLocks
    mutating func take(
        from other: PrefixTable, _ slot: inout UInt32, before prefix: Prefix?
    ) -> Bool {
        while slot <= other.count {
            let entry = other.entries[slot]
            if let prefix, !(entry.prefix < prefix) {
                if entry.prefix == prefix { slot += 1 }
                return true
            }
            guard append(entry.prefix, network: entry.network) else { return false }
            slot += 1
        }
        return true
    }

    /// Cuts the span of the prefixes into buckets, once all of them are in. Lookups are right before
    /// it, too, but slower.
    @_noAllocation @_noLocks
    mutating func seal() {
        fill(&bucketsIPv4, from: 1, to: countIPv4)
        fill(&bucketsIPv6, from: countIPv4 + 1, to: count)
    }

    @_noAllocation @_noLocks
    private func fill(_ buckets: inout PrefixBuckets, from first: UInt32, to last: UInt32) {
        guard first <= last else { return }
        buckets.start(
            count: last - first + 1, from: entries[first].prefix.address.high,
            to: entries[last].prefix.address.high)
        var slot = first
        while slot <= last {
            buckets.append(slot, startingAt: entries[slot].prefix.address.high)
            slot += 1
        }
        buckets.end(last)
    }

    /// Appends a prefix, which must come after all the others in order.
    ///
    /// - Returns: false if it does not, is not a prefix, or there is no room.
    @_noAllocation @_noLocks
    mutating func append(_ prefix: Prefix, network: UInt32) -> Bool {
        guard prefix.isValid, Int(count) + 1 < entries.count else { return false }
        if count > 0 && !(entries[count].prefix < prefix) { return false }
        var parent = count
        while parent != 0 {
            let outer = entries[parent].prefix
            if outer.length < prefix.length && outer.contains(prefix.address, prefix.family) {
                break
            }
            parent = entries[parent].parent
        }
        count += 1
        entries[count] = Entry(prefix: prefix, network: network, parent: parent)
        if prefix.family == .ipv4 { countIPv4 = count }
        return true
    }

    /// The network whose prefix holds the address, or nil.
    @_noAllocation @_noLocks
    func network(of endpoint: Endpoint) -> UInt32? {
        // Invariant: entries up to `low` start at or before the address, entries from `high` on
        // after it.
        let isIPv4 = endpoint.family == .ipv4
        let first: UInt32 = isIPv4 ? 0 : countIPv4
        var low = first
        var high = (isIPv4 ? countIPv4 : count) + 1
        let buckets = isIPv4 ? bucketsIPv4 : bucketsIPv6
        if buckets.isFilled {
            guard let bucket = buckets.index(of: endpoint.address.high) else { return nil }
            low = buckets.before(bucket)
            high = buckets.before(bucket + 1) + 1
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if endpoint.address < entries[middle].prefix.address {
                high = middle
            } else {
                low = middle
            }
        }
        guard low > first else { return nil }
        var slot = low
        while slot != 0 {
            if entries[slot].prefix.contains(endpoint.address, endpoint.family) {
                return entries[slot].network
            }
            slot = entries[slot].parent
        }
        return nil
    }
}
