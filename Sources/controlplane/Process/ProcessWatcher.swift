internal import CLinux
internal import Glibc
internal import Synchronization

/// Waits for the end of processes: one thread, one epoll instance, any number of pidfds.
///
/// A process that is not our child any more (adopted after a restart) cannot be waited for in any
/// other way, and for children it needs no signal handler.
///
/// ## Concurrency model
/// The thread only calls `dvpn_watch_wait` and takes actions out of `actions`, which a mutex
/// guards. It lives as long as the program: make one watcher and share it.
final class ProcessWatcher: Sendable {
    private struct Watched {
        let descriptor: Descriptor
        let action: @Sendable () -> Void
    }

    private struct Book {
        var next: UInt64 = 1
        var watched: [UInt64: Watched] = [:]
    }

    private let watch: Descriptor
    private let book = Mutex(Book())
    /// Clients that are systemd's children: who starts them and knows how they ended; nil: nobody.
    let units: ClientUnits?

    init(units: ClientUnits? = nil) throws(ProcessError) {
        self.units = units
        watch = Descriptor(
            adopting: try ProcessError.check(dvpn_watch_create(), "make an epoll instance"))
        var thread = pthread_t()
        // SAFETY: the thread owns the reference that is retained here, and never ends.
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<ProcessWatcher>.fromOpaque(context).takeRetainedValue().run()
            }, context)
        guard code == 0 else {
            unsafe Unmanaged<ProcessWatcher>.fromOpaque(context).release()
            throw ProcessError(attempt: "start the thread that waits for processes", code: code)
        }
        pthread_detach(thread)
    }

    /// Calls `action` once, on the watcher's thread, when `descriptor` is readable: for a pidfd,
    /// when the process has ended.
    func whenReadable(
        _ descriptor: Descriptor, _ action: @escaping @Sendable () -> Void
    ) throws(ProcessError) {
        let token = book.withLock { book in
            defer { book.next += 1 }
            book.watched[book.next] = Watched(descriptor: descriptor, action: action)
            return book.next
        }
        let result = dvpn_watch_add(watch.raw, descriptor.raw, token)
        guard result == 0 else {
            book.withLock { _ = $0.watched.removeValue(forKey: token) }
            throw ProcessError(attempt: "watch a process", code: -result)
        }
    }

    private func run() -> Never {
        var tokens = [UInt64](repeating: 0, count: 64)
        while true {
            let count = unsafe dvpn_watch_wait(watch.raw, &tokens, Int32(tokens.count))
            precondition(count >= 0, "epoll_wait failed: \(ProcessError.text(-count))")
            for token in tokens.prefix(Int(count)) {
                let watched = book.withLock { $0.watched.removeValue(forKey: token) }
                guard let watched else { continue }
                _ = dvpn_watch_remove(watch.raw, watched.descriptor.raw)
                watched.action()
            }
        }
    }
}
