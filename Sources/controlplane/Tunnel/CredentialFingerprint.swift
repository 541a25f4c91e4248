/// What proves who is who looked like: when it changes, a lock has lost its reason.
///
/// It holds no secret: of files only what stat(2) tells, of passwords a digest (`SecretDigest`).
struct CredentialFingerprint: Equatable, Sendable, Codable {
    /// One file's inode, size in bytes and time of change in nanoseconds; nil where it is missing.
    struct File: Equatable, Sendable, Codable {
        let inode: UInt64
        let size: Int64
        let modifiedNs: Int64
    }

    /// By path.
    var files: [String: File]
    /// Digests of secrets by their places; nil in locks that know of none.
    var secrets: [String: String]?

    init(files: [String: File], secrets: [String: String]? = nil) {
        self.files = files
        self.secrets = secrets
    }
}
