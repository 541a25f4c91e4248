internal import FoundationEssentials

/// The wall clock, for what people and scripts read.
enum Clock {
    /// Milliseconds since 1970.
    static func now() -> Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }
}
