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

    /// Domains that are counted apart: each is a line of every scrape.
    static let domainsMax = 200
    /// Stands for those that came later; no domain is called so.
    static let others = "(others)"

    /// By the private domain that was asked in; "" for queries that belong to none.
    private(set) var counts: [String: [Result: Int]] = [:]

    mutating func add(_ result: Result, domain: String = "") {
        let isKnown = counts[domain] != nil || counts.count < Self.domainsMax || domain.isEmpty
        counts[isKnown ? domain : Self.others, default: [:]][result, default: 0] += 1
    }
}
