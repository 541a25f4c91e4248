internal import Hummingbird
internal import NIOCore
internal import Reports
internal import ServiceLifecycle

/// Events as they happen, as a browser's EventSource takes them
/// (https://html.spec.whatwg.org/multipage/server-sent-events.html).
enum EventStream {
    /// A comment so often: a client that is gone is noticed when it cannot be sent.
    private static let beat = Duration.seconds(15)
    /// Then it ends; an EventSource comes again by itself, with the number of the last event. So
    /// nobody who reads nothing keeps his place for ever.
    private static let life = Duration.seconds(600)

    /// For whom there is no place; in seconds.
    private static let retryAfter = 30

    /// - Parameter after: events that are kept and newer come first; nil: none.
    static func response(
        _ book: EventHistory, after: UInt64?
    ) throws(OperatorError) -> Response {
        guard let events = book.listen(after: after) else {
            var error = OperatorError(
                .unavailable,
                "\(EventHistory.listenersMax) others listen to events, which is the limit",
                fix: "close some of them, or ask \(APIPath.events) now and then")
            error.retryAfter = retryAfter
            throw error
        }
        let body = ResponseBody { writer in
            try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
            for await text in texts(events) {
                try await writer.write(ByteBuffer(string: text))
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    /// The events with comments in between, until the stream's life is over.
    private static func texts(_ events: AsyncStream<EventReport>) -> AsyncStream<String> {
        let (texts, continuation) = AsyncStream<String>.makeStream(
            bufferingPolicy: .bufferingNewest(EventHistory.waitingMax))
        let work = Task {
            // A server that is to end waits for its answers.
            await cancelWhenGracefulShutdown {
                await withTaskGroup { group in
                    group.addTask {
                        for await event in events { continuation.yield(text(event)) }
                    }
                    group.addTask { await breathe(continuation) }
                    await group.next()
                    group.cancelAll()
                }
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in work.cancel() }
        return texts
    }

    private static func breathe(_ continuation: AsyncStream<String>.Continuation) async {
        let end = ContinuousClock.now + life
        while ContinuousClock.now < end {
            guard (try? await Task.sleep(for: beat)) != nil else { return }
            continuation.yield(": still here\n\n")
        }
    }

    /// One event. Its JSON has no line break, which would end it.
    static func text(_ event: EventReport) -> String {
        guard let bytes = try? ReportCoding.encode(EventLine(event)) else { return "" }
        return
            "id: \(event.id)\nevent: \(event.event)\ndata: \(String(decoding: bytes, as: UTF8.self))\n\n"
    }
}
