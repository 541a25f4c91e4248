/// A secret that a client needs before it can dial.
struct SecretRequest: Equatable, Sendable {
    let secret: Secret
    /// For people, after "the": `password of alice at vpn.corp.example`.
    let purpose: String
}
