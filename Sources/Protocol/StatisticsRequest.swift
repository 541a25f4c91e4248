/// Asks for the counters; a `Statistics` with the same request id is the answer.
public struct StatisticsRequest: WireMessage {
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
        writer.begin(.statisticsRequest, flags: 0, requestID: requestID)
        writer.end()
    }
}
