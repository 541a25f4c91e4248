internal import FoundationEssentials
internal import Reports

/// All that `dvpnctl watch` shows, and what it has to remember for that. Pure.
struct WatchModel: Sendable {
    /// What one look brings.
    struct Look: Sendable {
        /// Counts of all networks.
        let status: StatusReport
        /// Those that need somebody, those in use, and as many others as a screen may have room for.
        let networks: [NetworkReport]
        let events: [EventReport]
        /// Seconds of a clock that nobody sets.
        let at: Double
    }

    /// Bytes in a second.
    struct Rate: Equatable, Sendable {
        var bytesIn: UInt64 = 0
        var bytesOut: UInt64 = 0
    }

    private(set) var look: Look?
    private(set) var rates: [String: Rate] = [:]
    private(set) var total = Rate()
    /// Why what is shown is old; nil while it is not.
    private(set) var problem: String?

    /// Takes another look over. A count that went down has begun anew, and has no rate yet.
    mutating func take(_ new: Look) {
        if let old = look { takeRates(old, new) }
        look = new
        problem = nil
    }

    /// No look could be had. What was seen last stays.
    mutating func fail(_ text: String) {
        problem = text.split(separator: "\n").first.map(String.init) ?? text
    }

    private mutating func takeRates(_ old: Look, _ new: Look) {
        let seconds = new.at - old.at
        guard seconds > 0 else { return }
        func rate(_ before: UInt64?, _ after: UInt64?) -> UInt64 {
            guard let before, let after, after > before else { return 0 }
            return UInt64(Double(after - before) / seconds)
        }
        let before = Dictionary(
            old.networks.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        rates = [:]
        total = Rate()
        for network in new.networks {
            let earlier = before[network.name]
            let rate = Rate(
                bytesIn: rate(earlier?.bytesIn, network.bytesIn),
                bytesOut: rate(earlier?.bytesOut, network.bytesOut))
            guard rate != Rate() else { continue }
            rates[network.name] = rate
            total.bytesIn += rate.bytesIn
            total.bytesOut += rate.bytesOut
        }
    }
}
