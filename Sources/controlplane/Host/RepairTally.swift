/// How often what others had changed was put right of late. Pure.
struct RepairTally: Sendable {
    /// More in a minute are no accident: another program keeps its own idea of the host's network.
    private static let most = 20
    private static let windowMs: Int64 = 60_000

    private var instants: [Int64] = []
    /// All of them.
    private(set) var total = 0

    /// Counts one at an instant in milliseconds.
    ///
    /// - Returns: true where somebody fights with us.
    mutating func add(at now: Int64) -> Bool {
        instants.append(now)
        total += 1
        return isFight(at: now)
    }

    /// Whether there is a fight now.
    mutating func isFight(at now: Int64) -> Bool {
        instants.removeAll { $0 <= now - Self.windowMs }
        return instants.count > Self.most
    }
}
