/// A SYN that a dataplane holds when it ends, and leaves on the shelf for the next one, which opens its far
/// side: its client need not repeat it.
///
/// It never travels on a link, and like `KeptConnection` its layout is never changed.
public struct KeptSYN: WireMessage {
    /// The network's id.
    public let network: UInt32

    /// CLOCK_MONOTONIC in microseconds: when the client's first SYN came.
    public let firstSeen: UInt64

    /// The same of this one.
    public let lastSeen: UInt64

    /// Ticks a second of the client's timestamp clock; 0 while unknown.
    public let clockHertz: UInt64

    /// What that clock said in the first SYN.
    public let firstTimestamp: UInt32

    /// Bytes of the packet, 1...`Limits.synBytesMax`.
    public let count: Int

    /// The packet from its IP header on and, behind it, only zeros.
    public private(set) var bytes: InlineArray<120, UInt8>

    /// Copies `count` bytes, 1...`Limits.synBytesMax`.
    @_noAllocation @_noLocks
    public init(
        network: UInt32, firstSeen: UInt64, lastSeen: UInt64, clockHertz: UInt64,
        firstTimestamp: UInt32, copying source: UnsafeRawPointer, count: Int
    ) {
        precondition(count > 0 && count <= Limits.synBytesMax)
        self.network = network
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.clockHertz = clockHertz
        self.firstTimestamp = firstTimestamp
        self.count = count
        bytes = InlineArray(repeating: 0)
        for index in 0..<count {
            // SAFETY: the caller has `count` bytes there.
            bytes[index] = unsafe source.loadUnaligned(fromByteOffset: index, as: UInt8.self)
        }
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        firstSeen = reader.u64()
        lastSeen = reader.u64()
        clockHertz = reader.u64()
        firstTimestamp = reader.u32()
        network = reader.u32()
        count = Int(reader.u16())
        reader.reserved16()
        bytes = InlineArray(repeating: 0)
        guard count > 0, count <= Limits.synBytesMax, network != Limits.networkAll else {
            return nil
        }
        for index in 0..<count { bytes[index] = reader.u8() }
        if !reader.isComplete { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.keptSYN, flags: 0, requestID: requestID)
        writer.put(firstSeen)
        writer.put(lastSeen)
        writer.put(clockHertz)
        writer.put(firstTimestamp)
        writer.put(network)
        writer.put(UInt16(truncatingIfNeeded: count))
        writer.put(UInt16(0))
        for index in 0..<count { writer.put(bytes[index]) }
        writer.end()
    }

    /// Copies the packet to `target`, which has room for `count` bytes.
    @_noAllocation @_noLocks
    public func copy(to target: UnsafeMutableRawPointer) {
        for index in 0..<count {
            // SAFETY: the caller has made room for them.
            unsafe target.storeBytes(of: bytes[index], toByteOffset: index, as: UInt8.self)
        }
    }

    /// The same in everything.
    @_noAllocation @_noLocks
    public static func == (left: KeptSYN, right: KeptSYN) -> Bool {
        guard left.network == right.network, left.count == right.count,
            left.firstSeen == right.firstSeen, left.lastSeen == right.lastSeen,
            left.clockHertz == right.clockHertz, left.firstTimestamp == right.firstTimestamp
        else { return false }
        for index in 0..<left.count where left.bytes[index] != right.bytes[index] { return false }
        return true
    }
}
