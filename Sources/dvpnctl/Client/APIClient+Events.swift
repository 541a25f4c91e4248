internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Reports

extension APIClient {
    /// Events after a number as they happen, until the caller is cancelled. A stream that the server
    /// ends, as it does every few minutes, is begun anew.
    ///
    /// - Parameter after: nil: only what happens from now on.
    func follow(
        after: UInt64?, _ show: (EventReport) -> Void
    ) async throws(ClientError) {
        var last = after
        while true {
            let target = last.map { APIPath.events(after: $0, of: APIPath.eventStream) }
            do {
                let (events, continuation) = AsyncThrowingStream<EventReport, any Error>
                    .makeStream()
                let channel = try await ClientBootstrap(
                    group: MultiThreadedEventLoopGroup.singleton
                )
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(
                            EventFollower(target ?? APIPath.eventStream, continuation))
                    }
                }
                .connect(unixDomainSocketPath: path).get()
                defer { channel.close(promise: nil) }
                for try await event in events {
                    last = event.id
                    show(event)
                }
            } catch let error as ClientError {
                throw error
            } catch {
                throw explain(error, timeout: .seconds(0))
            }
        }
    }
}
