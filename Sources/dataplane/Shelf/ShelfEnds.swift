internal import CLinux

/// This worker's ends of the shelf, on which it leaves its connections for the next process: -1
/// before it is known.
///
/// All workers, the controlplane and systemd have the same shelf. It is empty from shortly after this
/// process's start until its end.
struct ShelfEnds {
    /// Where is written, and from where is read.
    private(set) var into: Int32 = -1
    private(set) var outOf: Int32 = -1
    /// This worker has found nothing there: what comes from now on is for the next process.
    var isEmpty = false

    var mayHaveMore: Bool {
        @_noAllocation @_noLocks get { isKnown && !isEmpty }
    }

    /// Takes two descriptors over.
    @_noAllocation @_noLocks
    init(into: Int32, outOf: Int32) {
        self.into = into
        self.outOf = outOf
    }

    /// The process's, as this worker's own: there are none where systemd kept none.
    init(_ sockets: borrowing Sockets) {
        guard sockets.shelfIn >= 0, sockets.shelfOut >= 0 else { return }
        into = Int32(truncatingIfNeeded: dp_duplicate(sockets.shelfIn))
        outOf = Int32(truncatingIfNeeded: dp_duplicate(sockets.shelfOut))
    }

    var isKnown: Bool {
        @_noAllocation @_noLocks get { into >= 0 && outOf >= 0 }
    }

    @_noAllocation @_noLocks
    mutating func close() {
        if into >= 0 { _ = dp_close(into) }
        if outOf >= 0 { _ = dp_close(outOf) }
        into = -1
        outOf = -1
    }

    /// Has systemd keep it for the next process, in place of an earlier one. That these are two
    /// descriptors matters: what it costs systemd to keep some grows with their square.
    @_noAllocation @_noLocks
    func store() {
        _ = unsafe dp_notify(StaticString("FDSTOREREMOVE=1\nFDNAME=shelf-in").cString)
        _ = unsafe dp_notify(StaticString("FDSTOREREMOVE=1\nFDNAME=shelf-out").cString)
        _ = unsafe dp_store(StaticString("FDSTORE=1\nFDNAME=shelf-in").cString, into)
        _ = unsafe dp_store(StaticString("FDSTORE=1\nFDNAME=shelf-out").cString, outOf)
    }
}
