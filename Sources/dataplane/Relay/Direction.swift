/// One direction of a connection: bytes go from the source into a pipe, and from the pipe into the
/// target.
///
/// Pure: it says what to do next and is told what came of it. EAGAIN of splice(2) into a pipe says
/// either "the source is empty" or "the pipe is full", and cannot be told apart. A pipe is
/// therefore filled only when it is empty: then it has room, and EAGAIN means the source.
struct Direction {
    enum Step {
        /// Move bytes from the source into the pipe.
        case fill
        /// Move bytes from the pipe into the target.
        case drain
        /// The source has ended and everything was delivered: end the target's input.
        case finish
        /// Nothing to do until an event.
        case wait
        /// Everything is delivered, the end too.
        case done
    }

    /// The pipe on loan, or 0.
    var pipe: UInt32 = 0
    /// Bytes in the pipe.
    private(set) var level: UInt32 = 0
    /// Bytes delivered.
    private(set) var total: UInt64 = 0
    /// The source may have bytes; the target may have room. Set by events, cleared by EAGAIN.
    var isReadable = true
    var isWritable = true
    private(set) var hasEnded = false
    private(set) var isDone = false

    var step: Step {
        @_noAllocation @_noLocks get {
            if isDone { return .done }
            if level > 0 { return isWritable ? .drain : .wait }
            if hasEnded { return .finish }
            return isReadable ? .fill : .wait
        }
    }

    /// `count` bytes went into the pipe.
    @_noAllocation @_noLocks
    mutating func filled(_ count: Int) {
        assert(level == 0)
        level = UInt32(truncatingIfNeeded: count)
    }

    /// The source had nothing.
    @_noAllocation @_noLocks
    mutating func fillBlocked() { isReadable = false }

    /// The source has ended.
    @_noAllocation @_noLocks
    mutating func ended() { hasEnded = true }

    /// `count` bytes went from the pipe into the target.
    @_noAllocation @_noLocks
    mutating func drained(_ count: Int) {
        level -= UInt32(truncatingIfNeeded: count)
        total += UInt64(truncatingIfNeeded: count)
    }

    /// `count` bytes went from source to target without a pipe.
    @_noAllocation @_noLocks
    mutating func copied(_ count: Int) {
        total += UInt64(truncatingIfNeeded: count)
    }

    /// The target has no room.
    @_noAllocation @_noLocks
    mutating func drainBlocked() { isWritable = false }

    /// The target's input was ended.
    @_noAllocation @_noLocks
    mutating func finished() { isDone = true }
}
