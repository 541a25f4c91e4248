/// The last counts of each of the dataplane's workers, by network; only of those where something
/// goes on. Pure.
struct WorkerActivity {
    private var counts: [Int: [UInt32: NetworkActivity]] = [:]

    mutating func set(_ network: UInt32, _ count: NetworkActivity, by worker: Int) {
        counts[worker, default: [:]][network] = count == NetworkActivity() ? nil : count
    }

    /// What the worker said is no longer true.
    mutating func forget(_ worker: Int) { counts[worker] = nil }

    /// The sum of all workers.
    subscript(network: UInt32) -> NetworkActivity {
        counts.values.compactMap { $0[network] }.reduce(into: NetworkActivity(), +=)
    }

    /// Those where something goes on.
    var networks: Set<UInt32> {
        counts.values.reduce(into: []) { $0.formUnion($1.keys) }
    }

    var isAnyOpen: Bool {
        counts.values.contains { $0.values.contains { $0.open > 0 } }
    }
}

extension NetworkActivity {
    static func += (sum: inout NetworkActivity, one: NetworkActivity) {
        sum.open += one.open
        sum.opening += one.opening
        sum.parked += one.parked
    }
}
