internal import Protocol

/// One direction of a connection. Short messages are copied from the source to the target; bulk, and
/// what the target did not take, goes through a pipe.
///
/// Pure: it says what to do next and is told what came of it. EAGAIN of splice(2) into a pipe says
/// either "the source is empty" or "the pipe is full", and cannot be told apart. A pipe is
/// therefore filled only when it is empty: then it has room, and EAGAIN means the source.
struct Direction {
    /// Bytes of one copy. A read that gets as many is the sign of bulk.
    static var copyMax: Int { @_noAllocation @_noLocks get { 16_384 } }

    enum Step {
        /// Move bytes from the source to the target by copying them.
        case copy
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
    /// The source may have bytes; the target may have room. Set by events, cleared by EAGAIN or a
    /// read that left nothing.
    var isReadable = false
    var isWritable = true
    /// The source's end has arrived: a read that leaves nothing was the last one.
    var isLeaving = false
    /// The source had urgent data, where a read stops short though more is there (tcp(7)).
    var isUrgent = false
    /// The target sends at once (TCP_NODELAY), or knows no such thing.
    var isPrompt = true
    /// The last read filled its buffer: there is more than messages.
    private(set) var isBulk = false
    private(set) var hasEnded = false
    private(set) var isDone = false

    @_noAllocation @_noLocks
    init() {}

    /// Goes on where another process stopped: what can be read or written, events tell.
    ///
    /// - Parameter pipe: has `kept.level` bytes in it; 0 where there are none.
    @_noAllocation @_noLocks
    init(_ kept: KeptDirection, pipe: UInt32) {
        self.pipe = pipe
        level = kept.level
        total = kept.total
        isUrgent = kept.isUrgent
        isPrompt = kept.isPrompt
        isBulk = kept.isBulk
        hasEnded = kept.hasEnded
        isDone = kept.isDone
    }

    /// What another process needs to go on.
    var kept: KeptDirection {
        @_noAllocation @_noLocks get {
            KeptDirection(
                total: total, level: level, hasEnded: hasEnded, isDone: isDone, isBulk: isBulk,
                isUrgent: isUrgent, isPrompt: isPrompt)
        }
    }

    var step: Step {
        @_noAllocation @_noLocks get {
            if isDone { return .done }
            if level > 0 { return isWritable ? .drain : .wait }
            if hasEnded { return .finish }
            // What nobody takes stays in the source, which closes its window.
            guard isReadable && isWritable else { return .wait }
            return isBulk ? .fill : .copy
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
        total &+= UInt64(truncatingIfNeeded: count)
    }

    /// A read of `copyMax` bytes got `count`, more than none.
    @_noAllocation @_noLocks
    mutating func read(_ count: Int) {
        isBulk = count == Self.copyMax
        guard !isBulk, !isUrgent else { return }
        isReadable = false
        hasEnded = isLeaving
    }

    /// `count` bytes went from source to target without a pipe.
    @_noAllocation @_noLocks
    mutating func copied(_ count: Int) {
        total &+= UInt64(truncatingIfNeeded: count)
    }

    /// The target has no room.
    @_noAllocation @_noLocks
    mutating func drainBlocked() { isWritable = false }

    /// The target's input was ended.
    @_noAllocation @_noLocks
    mutating func finished() { isDone = true }
}
