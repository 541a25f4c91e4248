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
    private let tell: AsyncStream<Void>.Continuation
    private let states = Mutex<[String: FileState]>([:])
    private let isWritten = Mutex(false)

    /// Nil where the kernel has no room for another watch: then only a reload finds changes.
    init?() {
        descriptor = cl_watch_open()
        guard descriptor >= 0 else { return nil }
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (changes, tell) = (stream, continuation)
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
    ///
    /// - Parameter files: each as it was when somebody began to read it: a change since then is told
    ///   as well.
    func watch(_ files: [String: FileState]) {
        for file in files.keys {
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
        states.withLock { $0 = files }
        if look() { tell.yield() }
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
            for file in before.keys { states[file] = FileState(file) }
            return (before, states)
        }
        let isWritten = after.contains { file, state in
            before[file] != state && before[file]?.inode == state.inode
        }
        if isWritten { self.isWritten.withLock { $0 = true } }
        return before != after
    }
}
