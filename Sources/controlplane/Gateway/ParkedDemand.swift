/// The packet for which a network was dialled.
struct ParkedDemand: Sendable {
    /// `tcp 192.0.2.7:40122 → 10.1.2.3:80`.
    let cause: String
    /// When the controlplane heard of it, in milliseconds of CLOCK_REALTIME.
    let since: Int64
}
