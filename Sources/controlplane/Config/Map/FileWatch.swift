internal import CLinux
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Tells that one of some files is another one than before: written, replaced, made or removed.
///
/// Their directories are watched, because editors replace files; what else changes there is not
/// told. A file behind a symbolic link is watched in its own directory, too.
final class FileWatch: Sendable {
    /// One element for any number of changes that nobody has looked at yet.
    let changes: AsyncStream<Void>

    private let descriptor: CInt
    private let states = Mutex<[String: State]>([:])
    private let isWritten = Mutex(false)

    private struct State: Equatable {
        let inode: UInt64
        let size: Int64
        let modifiedNs: Int64
    }

    /// Nil where the kernel has no room for another watch: then only a reload finds changes.
    init?() {
        descriptor = cl_watch_open()
        guard descriptor >= 0 else { return nil }
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        changes = stream
        let descriptor = descriptor
        // SAFETY: after this only cancelled, which any thread may do (dispatch_source_cancel(3)).
        nonisolated(unsafe) let source = DispatchSource.makeReadSource(
            fileDescriptor: descriptor, queue: .global(qos: .utility))
        unsafe source.setEventHandler { [weak self] in
            guard cl_watch_take(descriptor) > 0, let self, self.look() else { return }
            continuation.yield()
        }
        unsafe source.setCancelHandler { close(descriptor) }
        unsafe source.activate()
        continuation.onTermination = { _ in unsafe source.cancel() }
    }

    /// From now on tells of these files and of no others.
    func watch(_ files: [String]) {
        for file in files {
            var paths = [file]
            if let real = unsafe realpath(file, nil) {
                paths.append(unsafe String(cString: real))
                unsafe free(real)
            }
            for path in paths {
                let directory = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
                _ = unsafe cl_watch_add(descriptor, directory.isEmpty ? "/" : directory)
            }
        }
        states.withLock { states in
            states = [:]
            for file in files { states[file] = Self.state(file) }
        }
    }

    /// Whether since it was asked last a file was written in its place, perhaps not to its end. One
    /// that was replaced is whole.
    func takeWritten() -> Bool {
        isWritten.withLock { isWritten in
            defer { isWritten = false }
            return isWritten
        }
    }

    /// True where a file is not as it was.
    private func look() -> Bool {
        let (before, after) = states.withLock { states in
            let before = states
            for file in before.keys { states[file] = Self.state(file) }
            return (before, states)
        }
        let isWritten = after.contains { file, state in
            before[file] != state && before[file]?.inode == state.inode
        }
        if isWritten { self.isWritten.withLock { $0 = true } }
        return before != after
    }

    private static func state(_ file: String) -> State {
        var found = cl_file()
        guard unsafe cl_status(file, &found) == 0 else {
            return State(inode: 0, size: 0, modifiedNs: 0)
        }
        return State(inode: found.inode, size: found.size, modifiedNs: found.modified_ns)
    }
}
