/// A raw socket by which this host's own packets go on once they were held: its descriptor comes
/// with this frame's bytes (SCM_RIGHTS of unix(7)).
///
/// Only IPv6 needs one: the kernel routes a local IPv4 packet that is written back to the doorbell,
/// but not an IPv6 one without turning the whole host into a router.
public struct RawSocket: WireMessage {
    /// Always IPv6.
    public let family: Family

    /// The only family that there is.
    @_noAllocation @_noLocks
    public init() {
        family = .ipv6
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        family = reader.family()
        reader.reserved8()
        reader.reserved16()
        guard reader.isComplete, family == .ipv6 else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.rawSocket, flags: 0, requestID: requestID)
        writer.put(family.rawValue)
        writer.put(UInt8(0))
        writer.put(UInt16(0))
        writer.end()
    }
}
