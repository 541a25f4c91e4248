// SAFETY: `start <= end <= capacity` holds after every method; loads and bodies stay between.

/// Cuts a byte stream into frames, in memory that the caller owns and keeps alive.
///
/// Use: read(2) into `freeSpace()`, tell `advance(by:)` how many bytes came, call `next()` until it
/// says `needMore`, and start again. A body points into the buffer and lives until the next call of
/// `freeSpace()`. Once `next()` has said `needMore`, `freeSpace()` is not empty, so a read of zero
/// bytes means that the peer is gone.
@safe
public struct FrameReader {
    /// What `next()` found.
    public enum Step {
        /// No whole frame is here.
        case needMore
        /// A frame; the body lives until the next `freeSpace()`.
        case frame(FrameHeader, body: BodyReader)
        /// The stream is broken, and stays so: close the link.
        case malformed(Malformation)
    }

    private let buffer: UnsafeMutableRawBufferPointer

    /// Bytes of the buffer.
    private let capacity: Int

    /// The first byte not handed out yet.
    private var start = 0

    /// One past the last byte received.
    private var end = 0

    /// A reader over `buffer`, which must hold the largest frame (`Limits.frameBytesMax`).
    @_noAllocation @_noLocks
    public init(_ buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count >= Limits.frameBytesMax, "the buffer cannot hold a frame")
        unsafe self.buffer = unsafe buffer
        capacity = buffer.count
    }

    /// Bytes received and not handed out.
    public var pending: Int {
        @_noAllocation @_noLocks get { end - start }
    }

    /// Forgets everything, for a new link over the same memory.
    @_noAllocation @_noLocks
    public mutating func reset() {
        start = 0
        end = 0
    }

    /// Where the next bytes go. Bodies handed out before are no longer valid.
    ///
    /// What is pending moves to the front only when the room behind it gets small: at most once per
    /// frame, and mostly never, because most reads end with a whole frame.
    @_noAllocation @_noLocks
    public mutating func freeSpace() -> UnsafeMutableRawBufferPointer {
        if start == end {
            start = 0
            end = 0
        } else if start > 0 && capacity - end < capacity / 4 {
            moveToFront()
        }
        // SAFETY: `end` is inside the buffer or one past it.
        return unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
    }

    /// `count` bytes were received in `freeSpace()`; more than it has is an error in the program.
    @_noAllocation @_noLocks
    public mutating func advance(by count: Int) {
        precondition(count >= 0 && count <= capacity - end, "more bytes than there was room")
        end += count
    }

    /// The next frame. A length out of range is malformed at once, before the frame is here, and is
    /// never stepped over, so the stream stays malformed.
    @_noAllocation @_noLocks
    public mutating func next() -> Step {
        guard pending >= Limits.lengthFieldLength else { return .needMore }
        let length = u32(at: start)
        if length < UInt32(Limits.frameLengthMin) {
            return .malformed(.frameTooShort)
        }
        if length > UInt32(Limits.frameLengthMax) {
            return .malformed(.frameTooLong)
        }
        let total = Limits.lengthFieldLength + Int(length)
        guard pending >= total else { return .needMore }
        let header = FrameHeader(
            length: length, kind: u16(at: start + 4), flags: u16(at: start + 6),
            requestID: u32(at: start + 8))
        let bodyStart = start + Limits.headerLength
        start += total
        // SAFETY: `total` bytes are pending, and the header is the first twelve of them.
        let body = unsafe UnsafeRawBufferPointer(rebasing: buffer[bodyStart..<start])
        return unsafe .frame(header, body: BodyReader(body))
    }

    @_noAllocation @_noLocks
    private mutating func moveToFront() {
        guard let base = unsafe buffer.baseAddress else { return }
        // SAFETY: both ranges are inside the buffer; copyMemory allows them to overlap.
        unsafe base.copyMemory(from: base + start, byteCount: end - start)
        end -= start
        start = 0
    }

    @_noAllocation @_noLocks
    private func u16(at offset: Int) -> UInt16 {
        // SAFETY: `next()` calls this with offsets of pending bytes only.
        UInt16(bigEndian: unsafe buffer.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    @_noAllocation @_noLocks
    private func u32(at offset: Int) -> UInt32 {
        // SAFETY: `next()` calls this with offsets of pending bytes only.
        UInt32(bigEndian: unsafe buffer.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
