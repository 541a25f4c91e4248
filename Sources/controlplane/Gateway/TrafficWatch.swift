/// Judges whether a tunnel that looks alive carries anything: packets went out, and none came back.
///
/// A client and its gateway may both be content with a tunnel whose keys no longer fit (vpnc after
/// a rekeying by strongSwan). What tells is traffic. One host that does not answer must not end a
/// tunnel, so silence is only a doubt; somebody who is known to answer is asked then.
struct TrafficWatch {
    typealias Instant = TunnelMachine.Instant

    enum Verdict: Equatable {
        /// Nothing was sent that still waits, or not for long.
        case carries
        /// Ask somebody who answers.
        case doubtful
        /// Nobody answers.
        case dead
    }

    private struct Silence {
        let since: Instant
        var last: Instant
        var packets: UInt64 = 0
        var doubts = 0
    }

    /// Silence that means death, in milliseconds.
    let stallMs: Int64

    private var received: UInt64?
    private var sent: UInt64?
    private var silence: Silence?

    init(stallMs: Int64) {
        self.stallMs = stallMs
    }

    /// Takes the count of packets that came; true when there are new ones: all is well, and only
    /// otherwise is it worth asking how many were sent.
    mutating func hears(_ received: UInt64) -> Bool {
        guard received != self.received else { return false }
        (self.received, sent, silence) = (received, nil, nil)
        return true
    }

    /// Nothing has come since the last look.
    ///
    /// - Parameters:
    ///   - sent: the count of packets that went out, without those that only ask.
    ///   - canAsk: somebody is known to answer when he is asked. If not, three times the silence is
    ///     needed, and packets that go on being sent.
    mutating func judge(sent: UInt64, canAsk: Bool, now: Instant) -> Verdict {
        let before = self.sent ?? sent
        self.sent = sent
        // What nobody answers may need no answer.
        if let last = silence?.last, !canAsk, now - last > stallMs { silence = nil }
        if sent > before {
            var longer = silence ?? Silence(since: now, last: now)
            longer.last = now
            longer.packets += sent - before
            silence = longer
        }
        guard let silence, now - silence.since >= stallMs / 2 else { return .carries }
        if isDeath(silence, canAsk, now) { return .dead }
        self.silence?.doubts += 1
        return .doubtful
    }

    private func isDeath(_ silence: Silence, _ canAsk: Bool, _ now: Instant) -> Bool {
        let age = now - silence.since
        // Not before he was asked: the host may have slept since.
        if canAsk { return age >= stallMs && silence.doubts >= Self.doubtsMin }
        // One lost packet is no sign of anything.
        return age >= 3 * stallMs && silence.packets >= 2
    }

    private static let doubtsMin = 3
}
