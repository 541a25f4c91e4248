internal import Protocol

/// Which network owns an address: the longest prefix wins.
///
/// The prefixes stand in one sorted array, each with the index of the narrowest one around it. A
/// lookup is a binary search for the last prefix that starts at or before the address, and then a
/// walk outwards: O(log n) and at most one step for each level of nesting.
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

    /// - Parameter capacity: prefixes at most.
    init(capacity: Int) {
        entries = Slab(count: capacity + 1)
    }

    @_noAllocation @_noLocks
    mutating func removeAll() {
        count = 0
        countIPv4 = 0
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
        var low: UInt32 = endpoint.family == .ipv4 ? 0 : countIPv4
        let first = low
        var high = (endpoint.family == .ipv4 ? countIPv4 : count) + 1
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
