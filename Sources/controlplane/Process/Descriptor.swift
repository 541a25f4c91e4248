internal import Glibc

/// A file descriptor that is closed when its last owner lets go.
///
/// A class, because a process's descriptor is shared between the thread that watches it and the
/// tasks that signal it.
final class Descriptor: Sendable {
    let raw: Int32

    init(adopting raw: Int32) {
        precondition(raw >= 0)
        self.raw = raw
    }

    /// A pipe that no other program inherits.
    static func pipe() throws(ProcessError) -> (output: Descriptor, input: Descriptor) {
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else {
            throw ProcessError(attempt: "make a pipe", code: errno)
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (Descriptor(adopting: ends[0]), Descriptor(adopting: ends[1]))
    }

    deinit { _ = Glibc.close(raw) }
}
