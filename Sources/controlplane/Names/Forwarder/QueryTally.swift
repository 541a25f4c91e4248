/// What has become of queries for private names, since the forwarder's start.
struct QueryTally: Equatable, Sendable {
    /// How a query ended, as the value of a label.
    enum Result: String, CaseIterable, Sendable {
        /// A private server has answered, also that there is no such name.
        case answered
        /// SERVFAIL: the network cannot be reached, or none of its servers answered in time.
        case failed
        /// The name is in no private zone, or a whole zone was asked for.
        case refused
        /// Something else than a query.
        case notImplemented = "not-implemented"
    }

    private(set) var counts: [Result: Int] = [:]

    mutating func add(_ result: Result) { counts[result, default: 0] += 1 }
}
