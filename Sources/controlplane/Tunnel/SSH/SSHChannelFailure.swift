/// A master's line about one connection that the gateway could not open, such as
/// `channel 4: open failed: connect failed: Connection refused`.
///
/// The reason is the gateway's own word for what its connect(2) or its policy said.
struct SSHChannelFailure: Equatable, Sendable {
    let reason: String

    init?(_ line: some StringProtocol) {
        guard line.hasPrefix("channel ") else { return nil }
        let number = line.dropFirst("channel ".count).prefix { $0.isNumber }
        let rest = line.dropFirst("channel ".count + number.count)
        let mark = ": open failed: "
        guard !number.isEmpty, rest.hasPrefix(mark) else { return nil }
        let text = rest.dropFirst(mark.count).prefix { !$0.isNewline }
        // "connect failed: X" is the usual pair; the second half says everything.
        let lead = "connect failed: "
        reason = String(text.hasPrefix(lead) ? text.dropFirst(lead.count) : text)
    }

    /// A log's other lines.
    static func others(in log: String) -> [String] {
        OutputRule.lines(log).filter { SSHChannelFailure($0) == nil }
    }

    /// The reasons in a piece of log, counted; at most `reasonsMax` different ones, so that a
    /// gateway cannot fill our memory with invented words.
    static func count(in log: String, reasonsMax: Int = 8) -> [String: Int] {
        var counts: [String: Int] = [:]
        for line in log.split(whereSeparator: { $0.isNewline }) {
            guard let failure = SSHChannelFailure(line) else { continue }
            let known = counts[failure.reason] != nil || counts.count < reasonsMax - 1
            counts[known ? String(failure.reason.prefix(80)) : "other reasons", default: 0] += 1
        }
        return counts
    }
}
