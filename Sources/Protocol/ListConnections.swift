/// Asks for open connections: they come as `ConnectionRecord`s with phase `listed`, then a `ListEnd`,
/// all with this request's id.
public struct ListConnections: WireMessage {
    /// Whose connections; `Limits.networkAll` for everybody's.
    public let network: UInt32

    /// Where to go on: 0 at first, then what the `ListEnd` before said. Its highest byte is the
    /// worker's number.
    public let cursor: UInt32

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(network: UInt32, cursor: UInt32) {
        self.network = network
        self.cursor = cursor
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        network = reader.u32()
        cursor = reader.u32()
        guard reader.isComplete else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.listConnections, flags: 0, requestID: requestID)
        writer.put(network)
        writer.put(cursor)
        writer.end()
    }
}
