internal import CLinux
internal import Protocol

/// The workers of this process. All that they share is the listeners, a pipe for each worker by which
/// the others hand it connections, and when each was last seen to turn.
struct Crew {
    /// 1...`Limits.workersMax`.
    let count: Int
    private let inboxes: Slab<DescriptorPair>
    /// When each worker's loop turned last, as far as it says so, in microseconds of CLOCK_MONOTONIC.
    let beats: Slab<UInt64>
    /// 1 for each worker that has begun to run, and for each that has left its connections on the
    /// shelf.
    let begun: Slab<UInt8>
    let left: Slab<UInt8>
    /// Which shelf each worker has: the number of its inode.
    let shelves: Slab<UInt64>

    /// - Parameter count: of workers, the first of which has number 0.
    init(count: Int) {
        self.count = count
        inboxes = Slab(count: count)
        beats = Slab(count: count)
        begun = Slab(count: count)
        left = Slab(count: count)
        shelves = Slab(count: count)
        var worker: UInt32 = 0
        while Int(worker) < count {
            beats[worker] = dp_now_us()
            worker += 1
        }
        // One alone hands nothing on.
        guard count > 1 else { return }
        var index: UInt32 = 0
        while Int(index) < count {
            // SAFETY: two adjacent Int32, which is what pipe2(2) fills.
            let result = unsafe inboxes.pointer(to: index).withMemoryRebound(
                to: Int32.self, capacity: 2
            ) { unsafe dp_pipe($0, PipePool.small) }
            guard result >= 0 else { Log.fatal("cannot make a pipe: errno", -result) }
            index += 1
        }
    }

    /// A worker's part of what all may have together, rounded up; 0 is no limit for anybody.
    @_noAllocation @_noLocks
    func share(of limit: UInt32) -> UInt32 {
        let count = UInt32(truncatingIfNeeded: self.count)
        return limit / count + (limit % count > 0 ? 1 : 0)
    }

    /// A worker's part of the connections that a local socket may carry: the parts add up to these,
    /// and where they are fewer than workers, each socket is somebody else's.
    @_noAllocation @_noLocks
    func share(of capacity: UInt32, endpoint: UInt32, worker: UInt32) -> UInt32 {
        let count = UInt32(truncatingIfNeeded: self.count)
        return capacity / count + ((worker &+ endpoint) % count < capacity % count ? 1 : 0)
    }

    /// Where the worker finds what others hand it.
    @_noAllocation @_noLocks
    func inbox(of worker: UInt32) -> Int32 { inboxes[worker].first }

    /// Ends every other worker's wait.
    ///
    /// - Parameter letter: memory for a letter that says nothing.
    @_noAllocation @_noLocks
    func wakeOthers(_ letter: UnsafeMutablePointer<Handed>) {
        unsafe letter.pointee = Handed()
        var worker: UInt32 = 1
        while Int(worker) < count {
            // One whose inbox is full does not wait.
            _ = unsafe hand(letter, to: worker)
            worker += 1
        }
    }

    var haveAllBegun: Bool {
        @_noAllocation @_noLocks get {
            var worker: UInt32 = 0
            while Int(worker) < count {
                if begun[worker] == 0 { return false }
                worker += 1
            }
            return true
        }
    }

    /// True once every worker has the same shelf.
    var isShelfShared: Bool {
        @_noAllocation @_noLocks get {
            var worker: UInt32 = 1
            while Int(worker) < count {
                if shelves[worker] != shelves[0] { return false }
                worker += 1
            }
            return true
        }
    }

    /// What the first worker waits for.
    var haveOthersLeft: Bool {
        @_noAllocation @_noLocks get {
            var worker: UInt32 = 1
            while Int(worker) < count {
                if left[worker] == 0 { return false }
                worker += 1
            }
            return true
        }
    }

    /// True once the worker's inbox has it; false where that is full.
    @_noAllocation @_noLocks
    func hand(_ letter: UnsafeMutablePointer<Handed>, to worker: UInt32) -> Bool {
        // pipe(7): so few bytes are written whole or not at all, whoever else writes.
        unsafe dp_write(inboxes[worker].second, letter, Handed.length) == Handed.length
    }
}

/// An accepted connection on its way to the worker that has opened its far side.
struct Handed {
    static var length: Int { @_noAllocation @_noLocks get { MemoryLayout<Handed>.stride } }

    var client: Int32 = -1
    /// Workers that have not been asked yet, its reader among them.
    var left: UInt32 = 0
    var source = Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 0)
    var target = Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 0)
}
