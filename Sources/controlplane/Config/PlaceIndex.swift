/// Finds the place in a list at which something stands. The list is somebody else's: here are only
/// numbers, four bytes for each place and as many to spare.
struct PlaceIndex: Hashable, Sendable {
    /// Places from 1 on; 0 is free. At least half of them are.
    private var slots: [UInt32]

    /// - Parameter capacity: places at most.
    init(capacity: Int) {
        var count = 16
        while count < 2 * capacity { count *= 2 }
        slots = [UInt32](repeating: 0, count: count)
    }

    /// The first place of this hash that is the one; nil where there is none.
    func find(_ hash: UInt64, where isIt: (Int) -> Bool) -> Int? {
        var slot = start(hash)
        while slots[slot] != 0 {
            let place = Int(slots[slot]) - 1
            if isIt(place) { return place }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Enters a place, behind those that have the same hash.
    mutating func enter(_ place: Int, _ hash: UInt64) {
        var slot = start(hash)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = UInt32(place + 1)
    }

    private func start(_ hash: UInt64) -> Int {
        // Fibonacci hashing: the middle bits of the product depend on all bits below them.
        Int(truncatingIfNeeded: ((hash ^ (hash >> 32)) &* 0x9e37_79b9_7f4a_7c15) >> 32)
            & (slots.count - 1)
    }
}

/// Texts, each once.
struct UniqueNames {
    private var names: [String] = []
    private var places: PlaceIndex

    /// - Parameter capacity: names at most.
    init(capacity: Int) {
        names.reserveCapacity(capacity)
        places = PlaceIndex(capacity: capacity)
    }

    /// False for one that is there already.
    mutating func insert(_ name: String) -> Bool {
        let hash = StableHash.of(name)
        guard places.find(hash, where: { names[$0] == name }) == nil else { return false }
        places.enter(names.count, hash)
        names.append(name)
        return true
    }
}
