internal import Protocol

/// What happens on the links to the dataplane, of which each of its workers has one.
enum LinkEvent: Sendable {
    /// A worker answered; it knows nothing yet.
    case connected(DataplaneHello)
    /// A frame; `request` is the id of the request that it answers, or 0.
    case message(Message, request: UInt32, worker: Int)
    /// The worker's link is gone; it is being made anew.
    case disconnected(worker: Int, reason: String)
    /// Nobody listens at the dataplane's socket: its other sockets may be somebody else's by now.
    case nobody
}
