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
    /// Digests of secrets by their places, of those that could be read; nil in locks that know of
    /// none.
    var secrets: [String: String]?

    init(files: [String: File], secrets: [String: String]? = nil) {
        self.files = files
        self.secrets = secrets
    }

    /// Whether what proves who is who is another one now than it was in `earlier`.
    ///
    /// What cannot be read now, or is empty, says nothing: a file whose mode is being changed or
    /// that an editor has just cut comes back as what it was, and would be refused once more. A
    /// secret that could not be read then is not known to be another one; a file that was missing
    /// then and is there now is.
    func differs(from earlier: Self) -> Bool {
        let isOtherFile = files.contains { path, file in
            file.size > 0 && earlier.files[path] != file
        }
        let isOtherSecret = (secrets ?? [:]).contains { place, digest in
            guard let before = earlier.secrets?[place], before != Self.unreadThen else {
                return false
            }
            return before != digest
        }
        return isOtherFile || isOtherSecret
    }

    /// In locks of earlier versions the digest of what could not be read.
    private static let unreadThen = "none"
}
