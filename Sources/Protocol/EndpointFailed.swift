/// An endpoint's socket does not answer: its tunnel client is dead or about to be.
public struct EndpointFailed: WireMessage {
    /// The network's id.
    public let network: UInt32

    /// The id from the `EndpointUpdate` that added it.
    public let endpoint: UInt32

    /// What connect(2) said, as in errno(3).
    public let errno: UInt32

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(network: UInt32, endpoint: UInt32, errno: UInt32) {
        self.network = network
        self.endpoint = endpoint
        self.errno = errno
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        network = reader.u32()
        endpoint = reader.u32()
        errno = reader.u32()
        guard reader.isComplete, network != Limits.networkAll else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.endpointFailed, flags: 0, requestID: requestID)
        writer.put(network)
        writer.put(endpoint)
        writer.put(errno)
        writer.end()
    }
}
