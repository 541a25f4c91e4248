/// Judges whether a tunnel that looks alive carries anything: packets went out, and none came back.
///
/// A client and its gateway may both be content with a tunnel whose keys no longer fit (vpnc after
/// a rekeying by strongSwan). What tells is traffic. One host that does not answer must not end a
/// tunnel, so silence is only a doubt; somebody who is known to answer is asked then.
struct TrafficWatch {
    typealias Instant = TunnelMachine.Instant

    enum Verdict: Equatable {
        /// Something came in since something last went out, or nothing was sent.
        case carries
        /// Ask somebody who answers.
        case doubtful
        /// Nobody answers.
        case dead
    }

    /// Silence that means death, in milliseconds.
    let stallMs: Int64
    /// Whether somebody can be asked. If not, three times the silence is needed.
    let canAsk: Bool

    private var received: UInt64?
    private var sent: UInt64 = 0
    private var silence: (since: Instant, packets: UInt64)?

    init(stallMs: Int64, canAsk: Bool) {
        self.stallMs = stallMs
        self.canAsk = canAsk
    }

    /// Takes the device's packet counts at an instant.
    mutating func judge(received: UInt64, sent: UInt64, now: Instant) -> Verdict {
        let more = sent &- self.sent
        let isFirst = self.received == nil
        let hasAnswer = self.received != received
        (self.received, self.sent) = (received, sent)
        if isFirst || hasAnswer {
            silence = nil
            return .carries
        }
        if more > 0 { silence = (silence?.since ?? now, (silence?.packets ?? 0) + more) }
        // One lost packet is no sign of anything.
        guard let silence, silence.packets >= 2 else { return .carries }
        let age = now - silence.since
        if age >= stallMs * (canAsk ? 1 : 3) { return .dead }
        return canAsk && age >= stallMs / 2 ? .doubtful : .carries
    }
}
