/// A domain name as DNS carries it (RFC 1035 section 3.1), in lower case: names that differ in case
/// are the same (RFC 4343).
struct DNSName: Hashable, Sendable {
    /// Longest name, its closing zero included, and longest label.
    static let bytesMax = 255
    static let labelBytesMax = 63

    /// Labels, each behind its length, and a zero at the end.
    let wire: [UInt8]

    static let root = DNSName(unchecked: [0])

    /// Reads the name that begins at `offset`, and says where it ends.
    ///
    /// A compressed name is refused: this is for questions, in front of which there is nothing to
    /// point at.
    static func read(_ bytes: some Collection<UInt8>, at offset: Int) -> (name: DNSName, end: Int)?
    {
        var wire: [UInt8] = []
        var rest = bytes.dropFirst(offset)
        while let length = rest.popFirst() {
            wire.append(length)
            if length == 0 { return (DNSName(unchecked: wire), offset + wire.count) }
            let label = rest.prefix(Int(length))
            guard length <= labelBytesMax, label.count == Int(length),
                wire.count + label.count < bytesMax
            else { return nil }
            wire += label.lazy.map(Self.lower)
            rest = rest.dropFirst(Int(length))
        }
        return nil
    }

    /// Where the name that begins at `offset` ends; its pointers are not followed, and so cannot
    /// lead anywhere. nil where it does not end.
    static func end(_ bytes: [UInt8], at offset: Int) -> Int? {
        var place = offset
        while place < bytes.count {
            let length = bytes[place]
            switch length >> 6 {
            case 0:
                place += 1 + Int(length)
                if length == 0 { return place }
                guard place - offset < bytesMax else { return nil }
            case 3:
                return place + 2 <= bytes.count ? place + 2 : nil
            default:
                return nil
            }
        }
        return nil
    }

    /// Reads text such as `www.corp.example`, a dot at the end allowed; nil where it is no name.
    init?(_ text: String) {
        var wire: [UInt8] = []
        let body = text.hasSuffix(".") ? text.dropLast() : text[...]
        if !body.isEmpty {
            for label in body.utf8.split(
                separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            {
                guard (1...Self.labelBytesMax).contains(label.count) else { return nil }
                wire.append(UInt8(label.count))
                wire += label.map(Self.lower)
            }
        }
        guard wire.count < Self.bytesMax else { return nil }
        self.wire = wire + [0]
    }

    private init(unchecked wire: [UInt8]) { self.wire = wire }

    /// The labels from left to right, without their lengths.
    var labels: [ArraySlice<UInt8>] {
        var labels: [ArraySlice<UInt8>] = []
        var place = 0
        while wire[place] != 0 {
            let end = place + 1 + Int(wire[place])
            labels.append(wire[(place + 1)..<end])
            place = end
        }
        return labels
    }

    /// For people: what no host's name has in it is shown as `?`.
    var text: String {
        labels.map { label in
            String(
                label.map { byte in
                    let isPlain =
                        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
                        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    return Character(UnicodeScalar(isPlain ? byte : UInt8(ascii: "?")))
                })
        }.joined(separator: ".")
    }

    /// The name without its leftmost label; nil for the root.
    var parent: DNSName? {
        wire[0] == 0 ? nil : DNSName(unchecked: Array(wire[(1 + Int(wire[0]))...]))
    }

    private static func lower(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
}
