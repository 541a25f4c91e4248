/// What `dvpnctl completion --json` prints.
public struct CompletionReport: Codable, Hashable, Sendable {
    /// See `ReportSchema`.
    public let schema: Int

    /// `bash`, `zsh` or `fish`.
    public let shell: String

    /// What that shell has to read.
    public let script: String

    /// Takes the fields as they are.
    public init(shell: String, script: String) {
        schema = ReportSchema.version
        self.shell = shell
        self.script = script
    }
}
