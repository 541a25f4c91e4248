/// The dataplane's counters at one moment, in the order of `Counter`.
///
/// A peer of another minor version may send more or fewer: what is missing is zero and what is
/// unknown is left out. A worker may keep one of these as its counters and add them up to send them.
public struct Statistics: WireMessage {
    /// As many as `Counter` has cases.
    private var values: InlineArray<37, UInt64>

    /// All zero.
    @_noAllocation @_noLocks
    public init() {
        values = InlineArray(repeating: 0)
    }

    /// The counter's value.
    public subscript(counter: Counter) -> UInt64 {
        @_noAllocation @_noLocks get { values[counter.rawValue] }
        @_noAllocation @_noLocks set { values[counter.rawValue] = newValue }
    }

    /// Counts; wraps around rather than trap after 2^64.
    @_noAllocation @_noLocks
    public mutating func add(_ amount: UInt64, to counter: Counter) {
        values[counter.rawValue] &+= amount
    }

    /// Adds another worker's counters.
    @_noAllocation @_noLocks
    public mutating func add(_ other: Statistics) {
        for index in 0..<37 {
            values[index] &+= other.values[index]
        }
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        values = InlineArray(repeating: 0)
        let count = Int(reader.u16())
        guard !reader.failed, reader.remaining == count * 8 else { return nil }
        for index in 0..<count {
            let value = reader.u64()
            if index < 37 {
                values[index] = value
            }
        }
        if !reader.isComplete { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.statistics, flags: 0, requestID: requestID)
        writer.put(UInt16(37))
        for index in 0..<37 {
            writer.put(values[index])
        }
        writer.end()
    }

    /// True where both say the same.
    @_noAllocation @_noLocks
    public static func == (left: Statistics, right: Statistics) -> Bool {
        for index in 0..<37 where left.values[index] != right.values[index] {
            return false
        }
        return true
    }
}
