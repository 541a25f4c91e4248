/// What the dataplane counts. The raw value is the place in a `Statistics` body.
///
/// New ones go to the end: the order is the contract. Those that end in "Now" are levels, the others
/// only ever grow while the dataplane lives.
public enum Counter: Int, CaseIterable, Sendable {
    /// Connections accepted on the redirect listeners.
    case accepted
    /// Accepted connections whose far side was already open.
    case paired
    /// Accepted connections that belong to no released SYN.
    case strays
    /// Connections that would have led back to dvpn itself.
    case loops
    /// Packets from the doorbell whose destination is in no private prefix.
    case notPrivate
    /// SYNs read from the doorbell.
    case synReceived
    /// SYNs seen before.
    case synRetransmitted
    /// SYNs dropped for a limit.
    case synDropped
    /// SYNs written back because the far side is open.
    case releasedSyn
    /// SYNs answered with a reset.
    case refusedReset
    /// SYNs and packets answered with host unreachable.
    case refusedUnreachable
    /// Far sides that were tried.
    case connectsStarted
    /// Far sides that failed.
    case connectFailures
    /// Far sides that did not answer in time.
    case connectTimeouts
    /// Connections with both sides connected.
    case openNow
    /// Connections whose far side is being opened.
    case openingNow
    /// Packets held.
    case parkedNow
    /// Bytes from far sides.
    case bytesIn
    /// Bytes from clients.
    case bytesOut
    /// Pipes that relay, of all kinds; a level.
    case pipesInUse
    /// Times that no pipe was free.
    case pipeExhausted
    /// Connections reset because no descriptor was free to accept them.
    case acceptFailures
    /// Frames of an unknown kind.
    case framesUnknown
    /// Links closed for an error.
    case linkErrors
    /// Packets written back to the doorbell.
    case returnedPackets
    /// Packets from the doorbell that fit nothing.
    case strayPackets
    /// Connection records dropped because the link was full.
    case recordsDropped
    /// Packets held for a network that was not up.
    case packetsParked
    /// Packets sent on because the network is up.
    case packetsReleased
    /// Packets answered because the network cannot be had.
    case packetsRefused
    /// Packets dropped for a limit, or because no answer is allowed.
    case packetsDropped
    /// Packets dropped because they may not make the tunnel dial.
    case packetsFiltered
    /// Accepted connections passed on to another worker, which has their far side.
    case handedOn
    /// Accepted connections that were reset for a limit.
    case acceptLimited
    /// Far sides that were put off because no descriptor was free.
    case connectsPutOff
    /// Large pipes that relay.
    case largePipesNow
    /// Pipes of an earlier process that still have bytes to relay.
    case adoptedPipesNow
}
