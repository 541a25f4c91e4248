/// Whether ssh will take a private key, judged before it tries: a dial with a key that it ignores
/// looks to the gateway like an attack, and to a person like a wrong key.
enum CredentialCheck {
    /// What stat(2) says of the key's file.
    struct KeyFile: Equatable, Sendable {
        let owner: UInt32
        /// Permission bits only.
        let mode: UInt32
        let isRegular: Bool
    }

    /// - Parameters:
    ///   - file: nil when there is none.
    ///   - readFailure: what kept the user from reading it, as text; nil when nothing does.
    /// - Returns: what is wrong and what to do, or nil.
    static func identity(
        _ path: String, file: KeyFile?, reader: String, readerID: UInt32, readFailure: String?
    ) -> Failure? {
        guard let file else {
            return Failure(
                .configuration,
                "there is no private key \(path) (dvpnctl gateway keygen --file \(path) makes it)",
                evidence: readFailure)
        }
        guard file.isRegular else {
            return Failure(
                .configuration, "\(path) is not a file; identity must name a private key")
        }
        // ssh itself refuses what others may read only when the file belongs to whoever runs it;
        // a key of root's for a group of ssh's user is fine, one for everybody never.
        let tooOpen: UInt32 = file.owner == readerID ? 0o077 : 0o007
        if file.mode & tooOpen != 0 {
            return Failure(
                .configuration,
                "\(path) has mode \(octal(file.mode)), which others may read; chmod 600 it")
        }
        if let readFailure {
            return Failure(
                .configuration,
                "user \(reader) cannot read \(path); chown it to \(reader), and let \(reader) pass "
                    + "its directories",
                evidence: readFailure)
        }
        return nil
    }

    /// The same for known_hosts, which is no secret.
    static func knownHosts(_ path: String, exists: Bool, reader: String, readFailure: String?)
        -> Failure?
    {
        guard exists else {
            return Failure(
                .configuration,
                "there is no \(path) (dvpnctl gateway pin puts the gateway's host key there)",
                evidence: readFailure)
        }
        guard let readFailure else { return nil }
        return Failure(
            .configuration, "user \(reader) cannot read \(path); chmod 644 it",
            evidence: readFailure)
    }

    private static func octal(_ mode: UInt32) -> String {
        "0" + String(mode, radix: 8)
    }
}
