internal import CLinux
internal import Glibc
internal import Synchronization

/// How a process ended.
enum ProcessExit: Equatable, Sendable {
    /// exit(3) with a status from 0 to 255.
    case status(Int32)
    /// Ended by a signal.
    case signal(Int32)
    /// It has ended, and its status went to somebody else: it was not our child.
    case unknown
}

/// A running process that cannot be mistaken for another one: signals go to its pidfd, not to a
/// number that the kernel may have given away.
final class ProcessHandle: Sendable {
    private struct Book {
        var exit: ProcessExit?
        var isAsked = false
        var next: UInt64 = 0
        var waiting: [UInt64: CheckedContinuation<ProcessExit?, Never>] = [:]
    }

    /// For records and logs only.
    let pid: Int32
    private let descriptor: Descriptor
    private let book = Mutex(Book())
    /// Asks systemd how its child ended; nil for our own.
    private let fate: (@Sendable () async -> ProcessExit)?

    /// Begins to watch; a child is reaped as soon as it ends, whether anybody waits or not.
    ///
    /// - Parameter unit: whose main process it is; nil where it is a child, or was.
    init(
        pid: Int32, descriptor: Descriptor, unit: ClientUnit? = nil, watcher: ProcessWatcher
    ) {
        self.pid = pid
        self.descriptor = descriptor
        if let unit, let units = watcher.units {
            fate = { await units.settle(unit, pid: pid) }
        } else {
            fate = nil
        }
        do {
            try watcher.whenReadable(descriptor) { self.reap() }
        } catch {
            // Out of kernel memory, or at the limit of epoll watches: look every now and then.
            Task {
                while !hasEnded {
                    try? await Task.sleep(for: .milliseconds(200))
                    reap()
                }
            }
        }
    }

    /// Whether it still runs, as far as we have heard.
    var hasEnded: Bool { book.withLock { $0.exit != nil } }

    /// Waits for the end; at most for `limit`, when there is one, and then gives nil. Also gives
    /// nil when the task is cancelled.
    func wait(atMost limit: Duration? = nil) async -> ProcessExit? {
        guard let limit else { return await end() }
        return await withTaskGroup(of: ProcessExit?.self) { group in
            group.addTask { await self.end() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    /// pidfd_send_signal(2); false when the process has ended already.
    @discardableResult
    func signal(_ number: Int32) -> Bool {
        dvpn_pidfd_signal(descriptor.raw, number) == 0
    }

    /// Asks it to end (SIGTERM), and makes it end (SIGKILL) when it has not after `grace`.
    @discardableResult
    func terminate(grace: Duration) async -> ProcessExit {
        signal(SIGTERM)
        // The caller's cancellation must not leave a process behind: this is shielded from it.
        return await Task {
            if let exit = await wait(atMost: grace) { return exit }
            signal(SIGKILL)
            // Not even SIGKILL ends a process in an uninterruptible system call at once.
            if let exit = await wait(atMost: .seconds(10)) { return exit }
            reap()
            return book.withLock { $0.exit } ?? .unknown
        }.value
    }

    private func end() async -> ProcessExit? {
        let ticket = book.withLock { book in
            book.next += 1
            return book.next
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known: ProcessExit?? = book.withLock { book in
                    if let exit = book.exit { return exit }
                    if Task.isCancelled { return .some(nil) }
                    book.waiting[ticket] = continuation
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            book.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume(returning: nil)
        }
    }

    private func reap() {
        var result = dvpn_process_exit(known: 0, signal: 0, status: 0)
        let outcome = unsafe dvpn_pidfd_reap(descriptor.raw, &result)
        guard outcome != 0 else { return }
        if result.known != 0 {
            ended(result.signal != 0 ? .signal(result.signal) : .status(result.status))
        } else if let fate {
            let isFirst = book.withLock { book in
                defer { book.isAsked = true }
                return !book.isAsked
            }
            if isFirst { Task { ended(await fate()) } }
        } else {
            ended(.unknown)
        }
    }

    private func ended(_ exit: ProcessExit) {
        let waiting = book.withLock { book in
            defer { book.waiting = [:] }
            if book.exit == nil { book.exit = exit }
            return book.waiting.values
        }
        for continuation in waiting { continuation.resume(returning: exit) }
    }
}
