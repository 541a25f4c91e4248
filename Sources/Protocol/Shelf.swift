/// The shelf: where a dataplane that ends leaves its connections (`KeptConnection`), and the next one
/// finds them. Two descriptors come with this frame's bytes (SCM_RIGHTS of unix(7)): the end into
/// which is written, and the end from which is read.
///
/// What lies there is in the kernel's hands: nobody reads it but a dataplane.
public struct Shelf: WireMessage {
    /// The only value that there is.
    @_noAllocation @_noLocks
    public init() {}

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        if !reader.isComplete { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.shelf, flags: 0, requestID: requestID)
        writer.end()
    }
}
