internal import CLinux
internal import Dispatch
internal import Glibc

/// Tells that something on the host's network changed, whoever did it: interfaces, addresses,
/// routes, rules, settings of interfaces, nftables.
enum HostWatch {
    /// One element for any number of changes that nobody has looked at yet. Ours are among them.
    static func changes() throws(HostError) -> AsyncStream<Void> {
        var sockets: [CInt] = [-1, -1]
        let result = unsafe dvpn_changes_open(&sockets)
        guard result == 0 else {
            throw HostError(
                .notPermitted,
                "Changes to this host's network cannot be watched (errno \(-result)): run "
                    + "dvpn-controlplane as root, or with CAP_NET_ADMIN.")
        }
        let (stream, continuation) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        // SAFETY: after this only cancelled, which any thread may do (dispatch_source_cancel(3)).
        nonisolated(unsafe) let sources = sockets.map { socket in
            let source = DispatchSource.makeReadSource(
                fileDescriptor: socket, queue: .global(qos: .utility))
            source.setEventHandler {
                if dvpn_changes_take(socket) > 0 { continuation.yield() }
            }
            source.setCancelHandler { close(socket) }
            source.activate()
            return source
        }
        continuation.onTermination = { _ in
            for source in unsafe sources { source.cancel() }
        }
        return stream
    }
}
