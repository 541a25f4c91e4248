/// The codes in an `ErrorReport` that a reader may want to tell apart.
public enum ProblemCode: String, CaseIterable, Sendable {
    /// No network of that name.
    case unknownNetwork = "unknown-network"
    /// No connection of that id.
    case unknownConnection = "unknown-connection"
    /// The network has no tunnel to bring up or take down.
    case noTunnel = "no-tunnel"
    /// Credentials were refused: no try before they change or the network is unlocked.
    case locked
    /// The network is not locked, so that there is nothing to unlock.
    case notLocked = "not-locked"
    /// The network asks for no secret now.
    case notAsked = "not-asked"
    /// The network was released, so that there is nothing to dial.
    case released
    /// The network was not released, so that there is nothing to resume.
    case notReleased = "not-released"
    /// The tunnel could not be made.
    case dialFailed = "dial-failed"
    /// An operator took the network down while it was being brought up.
    case cancelled
    /// The configuration has mistakes. The earlier one stays in force.
    case configuration
    /// What is needed for it is away, such as the dataplane.
    case unavailable
    /// It failed for another reason.
    case failed
    /// No such path.
    case notFound = "not-found"
    /// Such a path, with another method.
    case notAllowed = "not-allowed"
    /// A request that makes no sense.
    case badRequest = "bad-request"
    /// Over TCP: no token, or a wrong one.
    case unauthorized
    /// Over TCP: not from another page, and not under another name.
    case forbidden
    /// A path or body beyond the limit.
    case tooLarge = "too-large"
}
