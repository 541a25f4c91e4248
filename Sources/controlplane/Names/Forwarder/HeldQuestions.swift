/// The questions for names that wait for one network to come up. Pure.
struct HeldQuestions: Equatable, Sendable {
    /// More names are counted and not kept: who asks for thousands fills no report.
    static let namesMax = 20

    /// How many wait.
    private(set) var count = 0

    /// What they ask for, each once, in the order in which they were added.
    private(set) var names: [String] = []

    /// When the oldest of them came, in milliseconds of CLOCK_REALTIME; `Int64.max` without any.
    private(set) var since = Int64.max

    mutating func add(_ name: String, at time: Int64) {
        count += 1
        since = min(since, time)
        if names.count < Self.namesMax, !names.contains(name) { names.append(name) }
    }
}
