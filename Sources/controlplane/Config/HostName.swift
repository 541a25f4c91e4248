/// The names of hosts and domains: RFC 1123 section 2.1, and the underscore that directory services
/// put into theirs.
enum HostName {
    /// False for what could be taken for an address, because its last label is a number.
    static func isValid(_ text: some StringProtocol) -> Bool {
        // One walk over the bytes, of which a map has millions.
        var (total, length, isNumber) = (0, 0, true)
        var last = UInt8(ascii: ".")
        for byte in text.utf8 {
            total += 1
            if byte == UInt8(ascii: ".") {
                guard (1...63).contains(length), last != UInt8(ascii: "-") else { return false }
                (length, isNumber) = (0, true)
            } else {
                let isInner = byte == UInt8(ascii: "-") && length > 0
                guard byte.isAlphanumeric || byte == UInt8(ascii: "_") || isInner else {
                    return false
                }
                length += 1
                isNumber = isNumber && (0x30...0x39).contains(byte)
            }
            last = byte
        }
        return (1...63).contains(length) && last != UInt8(ascii: "-") && !isNumber && total <= 253
    }
}

extension UInt8 {
    /// True for the ASCII code of a letter or a digit.
    var isAlphanumeric: Bool {
        (0x30...0x39).contains(self) || (0x61...0x7A).contains(self | 0x20)
    }
}
