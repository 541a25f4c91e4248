/// Asks for the counters; a `Statistics` with the same request id is the answer.
public struct StatisticsRequest: WireMessage {
    @inlinable public static var kind: Kind { .statisticsRequest }

    @_noAllocation @_noLocks
    public init() {}

    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        if !reader.isComplete { return nil }
    }

    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.statisticsRequest, flags: 0, requestID: requestID)
        writer.end()
    }
}
