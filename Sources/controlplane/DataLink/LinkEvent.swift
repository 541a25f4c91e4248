internal import Protocol

/// What happens on the link to the dataplane.
enum LinkEvent: Sendable {
    /// A dataplane answered; it knows nothing yet.
    case connected(pid: UInt32)
    /// A frame; `request` is the id of the request that it answers, or 0.
    case message(Message, request: UInt32)
    /// The link is gone; it is being made anew.
    case disconnected(reason: String)
}
