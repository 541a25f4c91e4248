/// How long to wait after a row of failures: 1 s, 2 s, 4 s … 5 minutes, jittered.
///
/// The jitter keeps the gateways' many clients from coming back in the same second after a power
/// cut, and ourselves from becoming a regular load (sshd: `MaxStartups`, `PerSourcePenalties`).
struct Backoff: Equatable, Sendable {
    /// Milliseconds after the first failure.
    var firstMs: Int64 = 1_000
    /// Milliseconds that are never exceeded.
    var lastMs: Int64 = 300_000

    /// The wait after the `failures`-th failure in a row (1 is the first), in milliseconds.
    ///
    /// - Parameter jitter: from 0 to 1; the result lies between three quarters of the full wait and
    ///   the full wait.
    func delayMs(failures: Int, jitter: Double) -> Int64 {
        precondition(failures >= 1)
        var full = firstMs
        // Doubling stops at the limit, so that a thousandth failure cannot overflow.
        var left = failures - 1
        while left > 0 && full < lastMs {
            full *= 2
            left -= 1
        }
        full = min(full, lastMs)
        let share = 0.75 + 0.25 * min(max(jitter, 0), 1)
        return max(1, Int64(Double(full) * share))
    }
}
