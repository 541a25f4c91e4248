internal import Protocol

/// Packets between two ends that went through a tunnel's device lately, both ways.
struct Flow: Equatable, Sendable {
    /// Who began. For protocols without ports, and where there were too many flows to tell them
    /// apart, the ports are 0.
    let source: Endpoint
    let target: Endpoint
    let ipProtocol: UInt8

    /// Since the last packet that counts, in milliseconds.
    let ageMs: Int64
}
