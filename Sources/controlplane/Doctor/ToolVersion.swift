/// A program's version, as far as it is numbers. Pure.
struct ToolVersion: Comparable, Sendable, CustomStringConvertible {
    /// As the program writes it: `9.01`.
    let description: String
    private let numbers: [Int]

    init(_ numbers: Int...) {
        self.numbers = numbers
        description = numbers.map { "\($0)" }.joined(separator: ".")
    }

    /// Reads the first numbers with dots between them: `nftables v1.0.6 (Lester Gooch #5)`,
    /// `OpenSSH_9.2p1 Debian-2`, `ip utility, iproute2-6.1.0`. nil where there are none.
    init?(said text: String) {
        let words = text.split { !($0.isASCII && ($0.isNumber || $0 == ".")) }
        for word in words {
            let parts = word.split(separator: ".")
            let numbers = parts.compactMap { Int($0) }
            if numbers.count >= 2, numbers.count == parts.count {
                description = parts.joined(separator: ".")
                self.numbers = numbers
                return
            }
        }
        return nil
    }

    static func == (left: Self, right: Self) -> Bool { left.numbers == right.numbers }

    static func < (left: Self, right: Self) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
}
