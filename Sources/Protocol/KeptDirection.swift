/// How far one direction of a connection has come when it is handed to the next dataplane.
public struct KeptDirection: Equatable, Sendable {
    /// Bytes that were delivered.
    public let total: UInt64

    /// Bytes that are on the way, in a pipe whose end comes along. 0: there is no pipe.
    public let level: UInt32

    /// The source has ended, and that was read.
    public let hasEnded: Bool

    /// The end was delivered, too: nothing is left to do.
    public let isDone: Bool

    /// More than messages came last.
    public let isBulk: Bool

    /// The source had urgent data.
    public let isUrgent: Bool

    /// The target sends at once.
    public let isPrompt: Bool

    /// One that nothing has gone by yet.
    @_noAllocation @_noLocks
    public init() {
        self.init(
            total: 0, level: 0, hasEnded: false, isDone: false, isBulk: false, isUrgent: false,
            isPrompt: false)
    }

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(
        total: UInt64 = 0, level: UInt32 = 0, hasEnded: Bool = false, isDone: Bool = false,
        isBulk: Bool = false, isUrgent: Bool = false, isPrompt: Bool = false
    ) {
        self.total = total
        self.level = level
        self.hasEnded = hasEnded
        self.isDone = isDone
        self.isBulk = isBulk
        self.isUrgent = isUrgent
        self.isPrompt = isPrompt
    }

    /// Reads the field; nil, and the body refused, where it makes no sense.
    @_noAllocation @_noLocks
    init?(decoding reader: inout BodyReader) {
        total = reader.u64()
        level = reader.u32()
        let flags = reader.u8()
        reader.reserved8()
        reader.reserved16()
        hasEnded = flags & 1 != 0
        isDone = flags & 2 != 0
        isBulk = flags & 4 != 0
        isUrgent = flags & 8 != 0
        isPrompt = flags & 16 != 0
        guard flags < 32, !isDone || hasEnded && level == 0 else {
            reader.fail()
            return nil
        }
    }

    /// Writes the field into an open frame.
    @_noAllocation @_noLocks
    func encode(into writer: inout FrameWriter) {
        writer.put(total)
        writer.put(level)
        var flags: UInt8 = 0
        if hasEnded { flags |= 1 }
        if isDone { flags |= 2 }
        if isBulk { flags |= 4 }
        if isUrgent { flags |= 8 }
        if isPrompt { flags |= 16 }
        writer.put(flags)
        writer.put(UInt8(0))
        writer.put(UInt16(0))
    }
}
