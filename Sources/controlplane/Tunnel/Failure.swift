/// Why a tunnel could not be had, or was lost: a class that decides what happens next, and the
/// words for people.
///
/// `Failure` is what a back end reports, a state machine acts on, `status` shows and a lock
/// remembers; nobody else interprets a client's output.
struct Failure: Error, Equatable, Sendable, Codable {
    /// The classes of failure. Only `locks` depends on them, and the words of `dvpnctl`.
    enum Kind: String, Equatable, Sendable, Codable, CaseIterable {
        /// The gateway refused our credentials.
        case authentication
        /// The gateway showed another host key than the one we know, or a revoked one.
        case hostKeyChanged = "host-key-changed"
        /// We know no host key of the gateway.
        case hostKeyUnknown = "host-key-unknown"
        /// No answer from the gateway's address, or no way to it.
        case unreachable
        /// The gateway's address answered that nothing listens on the port.
        case refused
        /// The gateway's name has no address.
        case nameNotResolved = "name-not-resolved"
        /// The gateway answered, and then not in time.
        case timedOut = "timed-out"
        /// The gateway ended the conversation, or speaks nothing that we speak.
        case protocolError = "protocol"
        /// Something on this host forbids it: a file, a permission, an option, a socket.
        case configuration
        /// A tunnel that was up lost its gateway.
        case lost
        /// A person did not want to give the secret that was asked for.
        case declined
        /// The client was ended by a signal that we did not send.
        case killed
        /// The client ended with words that we do not know.
        case unknown
    }

    let kind: Kind
    /// One sentence for a person: what happened and, where there is something, what to do.
    let message: String
    /// The line of the client's own output that says so, if there is one.
    let evidence: String?

    init(_ kind: Kind, _ message: String, evidence: String? = nil) {
        self.kind = kind
        self.message = message
        self.evidence = evidence
    }

    /// Whether another try would harm: a gateway counts wrong credentials and closes the account,
    /// and a wrong host key does not become right by asking again.
    var locks: Bool {
        switch kind {
        case .authentication, .hostKeyChanged, .hostKeyUnknown: true
        case .unreachable, .refused, .nameNotResolved, .timedOut, .protocolError, .configuration,
            .lost, .declined, .killed, .unknown:
            false
        }
    }
}
