internal import Protocol

/// Answers that we make ourselves.
enum DNSReply {
    /// RFC 1035 section 4.1.1.
    enum Code: UInt16, Sendable {
        /// Something is wrong that may be right later; hardly anybody remembers it.
        case serverFailure = 2
        case notImplemented = 4
        case refused = 5
    }

    /// The least that a client takes over UDP (RFC 1035 section 2.3.4), and the most that we send:
    /// more does not pass everywhere unfragmented, and TCP is at hand.
    private static let udpBytesRange = 512...4_096
    private static let udpBytesOurs: UInt16 = 1_232
    /// Of a gateway's pinned address, in seconds.
    private static let pinnedTTL: UInt32 = 60

    /// An answer without records.
    static func failure(_ query: DNSMessage, _ code: Code) -> [UInt8] {
        message(query, flags: flags(query) | code.rawValue, question: query)
    }

    /// The answer as this client can take it over UDP: whole, or cut to its question with TC set,
    /// so that it is asked for again over TCP (RFC 7766 section 5).
    static func datagram(_ answer: DNSMessage, to query: DNSMessage) -> [UInt8] {
        let offered = Int(query.edns?.udpBytes ?? 0)
        let room = min(max(offered, udpBytesRange.lowerBound), udpBytesRange.upperBound)
        if answer.bytes.count <= room { return answer.bytes(id: query.id) }
        return message(query, flags: answer.flags | 0x0200, question: answer)
    }

    /// One address for the name that was asked for; no record where another type was wanted.
    static func address(
        _ address: Address, _ family: Family, to query: DNSMessage, ttl: UInt32 = pinnedTTL
    )
        -> [UInt8]
    {
        let type: UInt16 = family == .ipv4 ? 1 : 28
        guard query.question.type == type, query.question.recordClass == 1 else {
            return message(query, flags: flags(query), question: query)
        }
        let bytes = (0..<16).map { index in
            let part = index < 8 ? address.high : address.low
            return UInt8(truncatingIfNeeded: part >> UInt64(56 - 8 * (index % 8)))
        }
        let data = bytes.prefix(Int(family.bits) / 8)
        // The name is a pointer to the question's.
        var record = words([0xC00C, type, 1, 0, UInt16(ttl), UInt16(data.count)])
        record += data
        return message(query, flags: flags(query), question: query, record: record)
    }

    /// - Parameter question: whose bytes of the question are taken.
    private static func message(
        _ query: DNSMessage, flags: UInt16, question: DNSMessage, record: [UInt8] = []
    ) -> [UInt8] {
        var bytes = words([
            query.id, flags, 1, record.isEmpty ? 0 : 1, 0, query.edns == nil ? 0 : 1,
        ])
        bytes += question.bytes[DNSMessage.headerBytes..<question.questionEnd]
        bytes += record
        if let edns = query.edns {
            // Who asked with EDNS is answered with it (RFC 6891 section 6.1.1). DO is returned.
            bytes += [0] + words([41, udpBytesOurs, 0, edns.flags & 0x8000, 0])
        }
        return bytes
    }

    /// An answer to this query, with what it asked for: opcode, recursion, checking disabled.
    private static func flags(_ query: DNSMessage) -> UInt16 {
        0x8080 | query.flags & 0x7910
    }

    private static func words(_ words: [UInt16]) -> [UInt8] {
        words.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    }
}
