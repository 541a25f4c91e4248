/// What the files that prove who is who looked like: when it changes, a lock has lost its reason.
///
/// It holds no secret and nothing derived from one: only what stat(2) tells.
struct CredentialFingerprint: Equatable, Sendable, Codable {
    /// One file's inode, size in bytes and time of change in nanoseconds; nil where it is missing.
    struct File: Equatable, Sendable, Codable {
        let inode: UInt64
        let size: Int64
        let modifiedNs: Int64
    }

    /// By path.
    var files: [String: File]
}
