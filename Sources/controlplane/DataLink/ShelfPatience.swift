/// Decides when connections have lain on the shelf for too long: their clients must not hang for ever.
///
/// What counts is how long they have lain there, and not how long there has been no link: a dataplane
/// may work without one, and end well in the middle of it.
struct ShelfPatience: Sendable {
    /// How long connections wait for the next dataplane before they are reset, in milliseconds.
    static let limitMs: Int64 = 30_000
    /// How often somebody should look, in milliseconds: so much later they may be reset.
    static let lookMs: Int64 = 5_000

    private var lyingSince: Int64?

    /// - Parameters:
    ///   - isEmpty: whether nothing lies on the shelf.
    ///   - now: in milliseconds of a clock that never goes back.
    /// - Returns: true when what lies there shall be reset.
    mutating func isOver(isEmpty: Bool, at now: Int64) -> Bool {
        guard !isEmpty else {
            lyingSince = nil
            return false
        }
        let since = lyingSince ?? now
        lyingSince = since
        return now - since >= Self.limitMs
    }
}
