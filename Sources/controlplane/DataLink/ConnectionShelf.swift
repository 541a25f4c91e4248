internal import CLinux

/// Where a dataplane that ends leaves its connections, and the next one finds them: a pair of sockets
/// that goes with every link, and is kept here as long as this process lives. The kernel holds what
/// lies there; we never look at it, since who writes it is the process most exposed.
final class ConnectionShelf: Sendable {
    /// How much memory the kernel may use for it, apart from the sockets' own. A message of sixteen
    /// connections takes some 4.5 KiB: room for 200,000.
    static let bytesMax: CInt = 64 << 20
    private let into: Descriptor
    private let outOf: Descriptor

    init() throws(ProcessError) {
        var ends: [CInt] = [-1, -1]
        let result = unsafe cl_shelf(&ends, Self.bytesMax)
        _ = try ProcessError.check(
            CInt(truncatingIfNeeded: result), "make a shelf for connections")
        into = Descriptor(adopting: ends[0])
        outOf = Descriptor(adopting: ends[1])
    }

    /// As they go to a dataplane.
    var descriptors: [CInt] { [into.raw, outOf.raw] }

    /// Whether nothing lies there now. Looking takes nothing away.
    var isEmpty: Bool { cl_is_readable(outOf.raw) == 0 }

    /// Resets the connections that lie there.
    ///
    /// - Returns: true if there were any.
    func clear() -> Bool { cl_clear_shelf(outOf.raw) > 0 }
}
