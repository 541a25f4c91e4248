/// A hash that is the same in every run and every version: for names that must be found again.
///
/// It spreads texts; nothing depends on its being hard to invert.
enum StableHash {
    /// FNV-1a of the text's UTF-8 bytes.
    static func of(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }

    /// The lowest bits of the hash, the higher ones folded into them, as hexadecimal digits.
    ///
    /// - Parameter digits: from 8 to 15, so that every bit of the hash counts.
    static func digits(_ digits: Int, of text: String) -> String {
        precondition((8...15).contains(digits))
        let hash = of(text)
        let folded = (hash ^ (hash >> (4 * digits))) & (1 << (4 * digits) - 1)
        let short = String(folded, radix: 16)
        return String(repeating: "0", count: digits - short.count) + short
    }
}
