/// What `dvpnctl gateway keygen --json` prints: the key with which dvpn logs in.
public struct GatewayKeyReport: Codable, Hashable, Sendable {
    /// See `ReportSchema`.
    public let schema: Int

    /// Path of the private key.
    public let file: String

    /// The user that must be able to read it.
    public let owner: String

    /// The line for the gateway's authorized_keys.
    public let publicKey: String

    /// False where it was there already.
    public let made: Bool

    /// Takes the fields as they are.
    public init(file: String, owner: String, publicKey: String, made: Bool) {
        schema = ReportSchema.version
        self.file = file
        self.owner = owner
        self.publicKey = publicKey
        self.made = made
    }

    private enum CodingKeys: String, CodingKey {
        case schema, file, owner, made
        case publicKey = "public_key"
    }
}
