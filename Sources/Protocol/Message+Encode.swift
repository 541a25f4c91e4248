extension Message {
    /// Writes the message as one frame; `writer.overflowed` says whether it fitted.
    ///
    /// A chunk with more items than fit in one frame overflows: `TableFrames` splits them.
    public func encode(into writer: inout FrameWriter, requestID: UInt32 = 0) {
        switch self {
        case .hello(let it): it.encode(into: &writer, requestID: requestID)
        case .device(let it): it.encode(into: &writer, requestID: requestID)
        case .rawSocket(let it): it.encode(into: &writer, requestID: requestID)
        case .shelf(let it): it.encode(into: &writer, requestID: requestID)
        case .tableBegin(let it): it.encode(into: &writer, requestID: requestID)
        case .filterChunk(let it): it.encode(into: &writer, requestID: requestID)
        case .networkChunk(let items): encode(items, into: &writer, requestID: requestID)
        case .prefixChunk(let items): encode(items, into: &writer, requestID: requestID)
        case .tableCommit(let it): it.encode(into: &writer, requestID: requestID)
        case .networkState(let it): it.encode(into: &writer, requestID: requestID)
        case .endpoint(let it): it.encode(into: &writer, requestID: requestID)
        case .tunnelLost(let it): it.encode(into: &writer, requestID: requestID)
        case .forward(let it): it.encode(into: &writer, requestID: requestID)
        case .tablePatch(let it): it.encode(into: &writer, requestID: requestID)
        case .ping(let it): it.encode(into: &writer, requestID: requestID)
        case .listConnections(let it): it.encode(into: &writer, requestID: requestID)
        case .kill(let it): it.encode(into: &writer, requestID: requestID)
        case .statisticsRequest(let it): it.encode(into: &writer, requestID: requestID)
        case .dataplaneHello(let it): it.encode(into: &writer, requestID: requestID)
        case .reply(let it): it.encode(into: &writer, requestID: requestID)
        case .demand(let it): it.encode(into: &writer, requestID: requestID)
        case .activity(let it): it.encode(into: &writer, requestID: requestID)
        case .capacity(let it): it.encode(into: &writer, requestID: requestID)
        case .endpointFailed(let it): it.encode(into: &writer, requestID: requestID)
        case .connection(let it): it.encode(into: &writer, requestID: requestID)
        case .keptConnection(let it): it.encode(into: &writer, requestID: requestID)
        case .keptSYN(let it): it.encode(into: &writer, requestID: requestID)
        case .pong(let it): it.encode(into: &writer, requestID: requestID)
        case .listEnd(let it): it.encode(into: &writer, requestID: requestID)
        case .statistics(let it): it.encode(into: &writer, requestID: requestID)
        }
    }

    /// The message as the bytes of one frame; empty where it is larger than a frame may be.
    public func frame(requestID: UInt32 = 0) -> [UInt8] {
        let room = frameBytes
        guard room <= Limits.frameBytesMax else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            // SAFETY: the writer stays inside `buffer` and counts what it has written.
            var writer = unsafe FrameWriter(UnsafeMutableRawBufferPointer(buffer))
            encode(into: &writer, requestID: requestID)
            count = writer.count
        }
    }

    /// Bytes that are enough for the frame.
    private var frameBytes: Int {
        switch self {
        case .networkChunk(let items):
            Limits.headerLength + 2 + items.count * Limits.networkLength
        case .prefixChunk(let items):
            Limits.headerLength + 2 + items.count * Limits.prefixLength
        default:
            // The largest of the others are `statistics` (2 + 32 x 8) and `filterChunk` (4 + 32 x 8).
            512
        }
    }

    private func encode(
        _ items: [NetworkSettings], into writer: inout FrameWriter, requestID: UInt32
    ) {
        writer.begin(.networkChunk, flags: 0, requestID: requestID)
        writer.put(UInt16(truncatingIfNeeded: items.count))
        for item in items {
            item.encode(into: &writer)
        }
        writer.end()
    }

    private func encode(_ items: [PrefixEntry], into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.prefixChunk, flags: 0, requestID: requestID)
        writer.put(UInt16(truncatingIfNeeded: items.count))
        for item in items {
            item.encode(into: &writer)
        }
        writer.end()
    }
}
