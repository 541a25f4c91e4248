/// What `dvpnctl wait --json` prints.
public struct WaitReport: Codable, Hashable, Sendable {
    /// See `ReportSchema`.
    public let schema: Int

    /// Whether what was waited for is there.
    public let ready: Bool

    /// For how long it was waited, in milliseconds.
    public let waitedMs: Int

    /// Why it is not there, in words; absent where it is.
    public let reason: String?

    /// Takes the fields as they are.
    public init(ready: Bool, waitedMs: Int, reason: String? = nil) {
        schema = ReportSchema.version
        self.ready = ready
        self.waitedMs = waitedMs
        self.reason = reason
    }

    private enum CodingKeys: String, CodingKey {
        case schema, ready, reason
        case waitedMs = "waited_ms"
    }
}
