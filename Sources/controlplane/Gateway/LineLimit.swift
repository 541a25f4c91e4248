/// How many lines of a kind the log gets: a second's worth of them, and then one that says how many
/// were left out.
///
/// Thousands of connections a second would cost more to be written down than to be carried.
struct LineLimit {
    /// Lines a second.
    let perSecond: Int

    private var second: Int64 = 0
    private var written = 0
    private var leftOut = 0

    init(perSecond: Int) { self.perSecond = perSecond }

    /// Asks for one more line.
    ///
    /// - Parameter now: milliseconds since 1970.
    /// - Returns: whether it may be written, and how many were left out since the last one that was.
    mutating func take(at now: Int64) -> (isAllowed: Bool, leftOut: Int) {
        if now / 1_000 != second {
            second = now / 1_000
            written = 0
        }
        guard written < perSecond else {
            leftOut += 1
            return (false, 0)
        }
        written += 1
        defer { leftOut = 0 }
        return (true, leftOut)
    }
}
