internal import Protocol

/// A DNS message (RFC 1035 section 4) as far as a forwarder looks into it: header, question, EDNS.
///
/// All records are walked over, so that a message that is cut short anywhere is none.
struct DNSMessage: Sendable {
    /// What is asked for.
    struct Question: Hashable, Sendable {
        let name: DNSName
        let type: UInt16
        let recordClass: UInt16
    }

    /// The OPT record (RFC 6891 section 6.1).
    struct Extension: Equatable, Sendable {
        /// The largest answer over UDP that its sender takes.
        let udpBytes: UInt16
        /// DO and bits that nobody has defined yet.
        let flags: UInt16
    }

    static let headerBytes = 12
    private static let recordBytes = 10
    private static let optType: UInt16 = 41

    let bytes: [UInt8]
    let question: Question
    /// Where the question ends.
    let questionEnd: Int
    let edns: Extension?
    /// Those of the A and AAAA records in the answer, whatever aliases led to them.
    let addresses: [Address]

    /// nil for what is no message, or has not exactly one question.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.headerBytes, Self.word(bytes, 4) == 1,
            let (name, nameEnd) = DNSName.read(bytes, at: Self.headerBytes),
            nameEnd + 4 <= bytes.count
        else { return nil }
        self.bytes = bytes
        question = Question(
            name: name, type: Self.word(bytes, nameEnd),
            recordClass: Self.word(bytes, nameEnd + 2))
        questionEnd = nameEnd + 4

        let answers = Int(Self.word(bytes, 6))
        let additional = answers + Int(Self.word(bytes, 8))
        let count = additional + Int(Self.word(bytes, 10))
        var edns: Extension?
        var addresses: [Address] = []
        var place = questionEnd
        for index in 0..<count {
            // Each record takes bytes, so that no count makes this long.
            guard let header = DNSName.end(bytes, at: place),
                header + Self.recordBytes <= bytes.count
            else { return nil }
            let end = header + Self.recordBytes + Int(Self.word(bytes, header + 8))
            guard end <= bytes.count else { return nil }
            if index >= additional, edns == nil, Self.word(bytes, header) == Self.optType {
                edns = Extension(
                    udpBytes: Self.word(bytes, header + 2), flags: Self.word(bytes, header + 6))
            }
            if index < answers, let address = Self.address(bytes, header, end) {
                addresses.append(address)
            }
            place = end
        }
        self.edns = edns
        self.addresses = addresses
    }

    var id: UInt16 { Self.word(bytes, 0) }
    var flags: UInt16 { Self.word(bytes, 2) }
    var isQuery: Bool { flags & 0x8000 == 0 }
    /// 0 is a plain query.
    var opcode: UInt8 { UInt8(flags >> 11 & 0xF) }
    var responseCode: UInt8 { UInt8(flags & 0xF) }
    var isTruncated: Bool { flags & 0x0200 != 0 }

    /// True for a zone transfer: an answer of many messages.
    var isTransfer: Bool { question.type == 251 || question.type == 252 }

    /// The bytes with another id in them.
    func bytes(id: UInt16) -> [UInt8] {
        [UInt8(id >> 8), UInt8(truncatingIfNeeded: id)] + bytes.dropFirst(2)
    }

    /// Of a record of the class IN.
    private static func address(_ bytes: [UInt8], _ header: Int, _ end: Int) -> Address? {
        let data = bytes[(header + recordBytes)..<end]
        switch (word(bytes, header), word(bytes, header + 2), data.count) {
        case (1, 1, 4):
            return Address(ipv4: data.reduce(0) { $0 << 8 | UInt32($1) })
        case (28, 1, 16):
            let (high, low) = (data.prefix(8), data.suffix(8))
            return Address(
                high: high.reduce(0) { $0 << 8 | UInt64($1) },
                low: low.reduce(0) { $0 << 8 | UInt64($1) })
        default:
            return nil
        }
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt16 {
        UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
    }
}
