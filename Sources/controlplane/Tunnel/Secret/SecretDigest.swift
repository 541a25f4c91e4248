/// Tells whether a secret is still the one of a lock, without keeping the secret.
///
/// A credential's file is made anew at each start of the service, so its inode and time say
/// nothing; only the content does. The digest is stretched and salted: whoever gets hold of
/// `locks.json` alone learns nothing, and whoever has the salt too must try each guess slowly.
struct SecretDigest: Sendable {
    /// A few milliseconds for each guess.
    private static let rounds = 4_096

    private let path: String

    /// With the salt of this host, `STATE/secret-salt`, made when it is first needed.
    init(stateDirectory: String) { path = "\(stateDirectory)/secret-salt" }

    /// 64 hexadecimal digits.
    func of(_ secret: SecretValue) throws(ProcessError) -> String {
        let salt = try salt()
        var digest = SHA256.digest(salt + secret.bytes)
        for _ in 1..<Self.rounds { digest = SHA256.digest(salt + digest) }
        return digest.map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }

    private func salt() throws(ProcessError) -> [UInt8] {
        if let stored = try AtomicFile.read(path), stored.count == 32 { return stored }
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        try AtomicFile.write(salt, to: path, mode: 0o600, durable: true)
        return salt
    }
}
