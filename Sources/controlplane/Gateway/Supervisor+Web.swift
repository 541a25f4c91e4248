/// What the web page's server has to know.
extension Supervisor {
    /// `[web]` as it is and whenever it becomes another; nil: there is none. One reader.
    func webSettings() -> AsyncStream<WebSettings?> {
        let (stream, continuation) = AsyncStream<WebSettings?>.makeStream()
        webListener = continuation
        continuation.yield(configuration.web)
        return stream
    }
}
