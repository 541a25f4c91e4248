internal import FoundationEssentials

/// Which accounts must not be tried, and why: `STATE/locks.json`.
///
/// The names are those of `TunnelSettings.account`; in files of earlier versions those of tunnels.
///
/// A lock outlives restarts and reboots, because a retry loop that begins again with every boot
/// locks people's accounts just as well. It falls when the files it was about change.
struct LockStore: Sendable {
    /// One account's lock.
    struct Lock: Equatable, Sendable, Codable {
        let failure: Failure
        /// When it happened, in seconds since 1970.
        let since: Int64
        /// What the credentials looked like then.
        let credentials: CredentialFingerprint
    }

    private struct Content: Codable {
        var version = 1
        var locks: [String: Lock] = [:]
    }

    let path: String
    private var content: Content

    /// Reads the file; without one there are no locks. A damaged one is put aside as
    /// `locks.json.damaged` and reported: one more try may follow, and its failure locks again.
    static func open(stateDirectory: String) throws(ProcessError) -> (store: Self, damage: String?)
    {
        let path = "\(stateDirectory)/locks.json"
        guard let bytes = try AtomicFile.read(path) else {
            return (LockStore(path: path, content: Content()), nil)
        }
        if let content = try? JSONDecoder().decode(Content.self, from: Data(bytes)),
            content.version == 1
        {
            return (LockStore(path: path, content: content), nil)
        }
        let aside = path + ".damaged"
        try AtomicFile.write(bytes, to: aside, mode: 0o600, durable: true)
        AtomicFile.remove(path)
        return (
            LockStore(path: path, content: Content()),
            "\(path) was damaged and is now \(aside); the locks in it are forgotten"
        )
    }

    /// The accounts that are locked.
    var names: [String] { content.locks.keys.sorted() }

    /// The lock of an account, whatever its credentials look like now.
    subscript(account: String) -> Lock? { content.locks[account] }

    /// The lock of an account that still has its reason: with other credentials it has none.
    func valid(_ account: String, credentials: CredentialFingerprint) -> Lock? {
        guard let lock = content.locks[account], !credentials.differs(from: lock.credentials) else {
            return nil
        }
        return lock
    }

    /// Locks an account, on disk when this returns.
    mutating func lock(
        _ account: String, _ failure: Failure, credentials: CredentialFingerprint, since: Int64
    ) throws(ProcessError) {
        content.locks[account] = Lock(failure: failure, since: since, credentials: credentials)
        try save()
    }

    /// Lifts a lock, on disk when this returns; nothing to do when there is none.
    mutating func unlock(_ account: String) throws(ProcessError) {
        guard content.locks.removeValue(forKey: account) != nil else { return }
        try save()
    }

    private func save() throws(ProcessError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(content) else {
            preconditionFailure("strings and numbers always encode")
        }
        try AtomicFile.write(Array(data), to: path, mode: 0o600, durable: true)
    }
}
