/// What `dvpnctl gateway pin --json` prints: a gateway's host keys, and whether they are recorded now.
public struct GatewayPinReport: Codable, Hashable, Sendable {
    /// What became of the keys that the gateway shows.
    public enum Result: String, Codable, CaseIterable, Hashable, Sendable {
        /// They are recorded from now on.
        case recorded
        /// They were recorded before.
        case known
        /// Others are recorded, and stay: `--replace` was not said.
        case differs
        /// Nobody said that they are the gateway's.
        case declined
    }

    /// One host key.
    public struct Key: Codable, Hashable, Sendable {
        /// As ssh names it, such as `ssh-ed25519`.
        public let kind: String
        /// `SHA256:…`
        public let fingerprint: String

        /// Takes the fields as they are.
        public init(kind: String, fingerprint: String) {
            self.kind = kind
            self.fingerprint = fingerprint
        }
    }

    /// See `ReportSchema`.
    public let schema: Int

    /// As known_hosts names it: the host, with `[host]:port` where the port is another one than 22.
    public let gateway: String

    /// Path of the file with the records.
    public let file: String

    /// What became of the keys that the gateway shows.
    public let result: Result

    /// What the gateway shows.
    public let shown: [Key]

    /// What was recorded of it before.
    public let recorded: [Key]

    /// Takes the fields as they are.
    public init(gateway: String, file: String, result: Result, shown: [Key], recorded: [Key]) {
        schema = ReportSchema.version
        self.gateway = gateway
        self.file = file
        self.result = result
        self.shown = shown
        self.recorded = recorded
    }
}
