/// A short name for a text: 64 bits of FNV-1a, which is enough to notice that something changed.
/// It is no protection against somebody who may change the text on purpose: that is root.
enum Fingerprint {
    static func text(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
