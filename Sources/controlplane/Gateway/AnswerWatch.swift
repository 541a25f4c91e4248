/// Since when connections have been opening through a tunnel while none was answered. Pure.
///
/// One host that is silent looks the same, so it is a suspicion and nothing is ended for it: ssh
/// itself asks its gateway, and takes up to a minute to give it up.
struct AnswerWatch: Equatable, Sendable {
    typealias Instant = TunnelMachine.Instant

    /// Silence that is worth a word, in milliseconds.
    static let suspiciousMs: Int64 = 10_000

    private var since: Instant?
    private var open = 0

    /// Takes the tunnel's counts, as often as they change.
    mutating func count(_ load: NetworkActivity, now: Instant) {
        let isAnswered = load.open > open
        open = load.open
        if load.opening == 0 {
            since = nil
        } else if isAnswered || since == nil {
            since = now
        }
    }

    /// A far side has said something, if only that it refuses.
    mutating func answered(now: Instant) { since = since.map { _ in now } }

    /// How long nobody has answered, in whole seconds; nil where that means nothing.
    func silentSeconds(now: Instant) -> Int? {
        guard let since, now - since >= Self.suspiciousMs else { return nil }
        return Int((now - since) / 1_000)
    }
}
