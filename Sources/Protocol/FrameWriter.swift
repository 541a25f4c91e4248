// SAFETY: every store is preceded by `reserve`, which checks the position against the buffer.

/// Writes frames one after the other into memory that the caller owns and keeps alive.
///
/// It never traps for want of room: what does not fit is forgotten, `overflowed` stays true until
/// `reset()`, and every later frame is refused too, so that the receiver never sees a stream with a
/// hole in it. A frame that was not finished does not count, so `count` bytes are always whole
/// frames.
@safe
public struct FrameWriter {
    private let buffer: UnsafeMutableRawBufferPointer

    /// Bytes of the buffer.
    private let capacity: Int

    /// Where the next byte goes.
    private var position = 0

    /// Where the open frame starts, or -1 between frames.
    private var frameStart = -1

    /// True once a frame did not fit, in the buffer or in `Limits.frameLengthMax`.
    public private(set) var overflowed = false

    /// A writer that starts at the beginning of `buffer`.
    @_noAllocation @_noLocks
    public init(_ buffer: UnsafeMutableRawBufferPointer) {
        unsafe self.buffer = unsafe buffer
        capacity = buffer.count
    }

    /// Bytes of the whole frames written so far.
    public var count: Int {
        @_noAllocation @_noLocks get { frameStart >= 0 ? frameStart : position }
    }

    /// Forgets every frame, to use the memory again once its bytes were sent.
    @_noAllocation @_noLocks
    public mutating func reset() {
        position = 0
        frameStart = -1
        overflowed = false
    }

    /// Starts a frame. The one before must have ended: anything else is an error in the program.
    @_noAllocation @_noLocks
    public mutating func begin(_ kind: Kind, flags: UInt16, requestID: UInt32) {
        beginRaw(kind.rawValue, flags: flags, requestID: requestID)
    }

    /// Starts a frame of any kind, also one that no version knows.
    @_noAllocation @_noLocks
    public mutating func beginRaw(_ kind: UInt16, flags: UInt16, requestID: UInt32) {
        precondition(frameStart < 0, "a frame begins inside another")
        frameStart = position
        put(UInt32(0))
        put(kind)
        put(flags)
        put(requestID)
    }

    /// Ends the frame: fills in its length, or takes it back where it did not fit.
    ///
    /// - Returns: the bytes of all whole frames, as `count`: unchanged where this one did not fit.
    @_noAllocation @_noLocks @discardableResult
    public mutating func end() -> Int {
        precondition(frameStart >= 0, "a frame ends that never began")
        if overflowed {
            position = frameStart
        } else {
            let length = UInt32(position - frameStart - Limits.lengthFieldLength)
            // SAFETY: `beginRaw` reserved these four bytes, or `overflowed` would be set.
            unsafe buffer.storeBytes(
                of: length.bigEndian, toByteOffset: frameStart, as: UInt32.self)
        }
        frameStart = -1
        return position
    }

    /// One byte.
    @_noAllocation @_noLocks
    public mutating func put(_ value: UInt8) {
        guard reserve(1) else { return }
        // SAFETY: one byte was reserved at `position`.
        unsafe buffer.storeBytes(of: value, toByteOffset: position, as: UInt8.self)
        position += 1
    }

    /// Two bytes, big-endian.
    @_noAllocation @_noLocks
    public mutating func put(_ value: UInt16) {
        guard reserve(2) else { return }
        // SAFETY: two bytes were reserved at `position`.
        unsafe buffer.storeBytes(of: value.bigEndian, toByteOffset: position, as: UInt16.self)
        position += 2
    }

    /// Four bytes, big-endian.
    @_noAllocation @_noLocks
    public mutating func put(_ value: UInt32) {
        guard reserve(4) else { return }
        // SAFETY: four bytes were reserved at `position`.
        unsafe buffer.storeBytes(of: value.bigEndian, toByteOffset: position, as: UInt32.self)
        position += 4
    }

    /// Eight bytes, big-endian.
    @_noAllocation @_noLocks
    public mutating func put(_ value: UInt64) {
        guard reserve(8) else { return }
        // SAFETY: eight bytes were reserved at `position`.
        unsafe buffer.storeBytes(of: value.bigEndian, toByteOffset: position, as: UInt64.self)
        position += 8
    }

    /// Sixteen bytes: an IPv4 address in the first four and zeros behind.
    @_noAllocation @_noLocks
    public mutating func put(_ address: Address) {
        put(address.high)
        put(address.low)
    }

    /// Bytes as they are.
    @_noAllocation @_noLocks
    public mutating func putBytes(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        guard reserve(bytes.count), let base = unsafe buffer.baseAddress else { return }
        // SAFETY: `bytes.count` bytes were reserved at `position`.
        unsafe (base + position).copyMemory(from: source, byteCount: bytes.count)
        position += bytes.count
    }

    /// True where `length` more bytes fit in the buffer and in the frame.
    @_noAllocation @_noLocks
    private mutating func reserve(_ length: Int) -> Bool {
        precondition(frameStart >= 0, "bytes outside a frame")
        let used = position - frameStart
        if length > capacity - position || length > Limits.frameBytesMax - used {
            overflowed = true
            return false
        }
        return true
    }
}
