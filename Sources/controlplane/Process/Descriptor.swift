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

    deinit { _ = Glibc.close(raw) }
}
