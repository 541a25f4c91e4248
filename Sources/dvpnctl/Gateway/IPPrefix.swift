internal import Glibc

/// Addresses with a common beginning, IPv4 or IPv6.
struct IPPrefix: Equatable, Sendable {
    /// 4 or 16, as on the wire.
    let bytes: [UInt8]
    /// Bits that count.
    let length: Int

    /// Reads `10.1.2.0/24` or `fd00:1::/32`; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, parts[1].utf8.count <= 3,
            parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(parts[1]),
            let bytes = Self.address(String(parts[0])), length <= bytes.count * 8
        else { return nil }
        self.bytes = bytes
        self.length = length
    }

    /// The bytes of an address literal without brackets; nil for a name.
    static func address(_ text: String) -> [UInt8]? {
        let isSix = text.contains(":")
        var bytes = [UInt8](repeating: 0, count: isSix ? 16 : 4)
        return unsafe inet_pton(isSix ? AF_INET6 : AF_INET, text, &bytes) == 1 ? bytes : nil
    }

    /// Whether an address, as `address` has it, is one of these.
    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == bytes.count else { return false }
        return (0..<length).allSatisfy { bit in
            (address[bit / 8] ^ bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    /// Its lowest address, or the one behind it where that is nobody's own: a host, mostly.
    var firstHost: String {
        var address = bytes
        if length < bytes.count * 8 { address[address.count - 1] |= 1 }
        return Self.text(address)
    }

    /// Four decimal parts, or the canonical form of RFC 5952.
    private static func text(_ address: [UInt8]) -> String {
        let domain = address.count == 4 ? AF_INET : AF_INET6
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let written = unsafe inet_ntop(domain, address, &buffer, socklen_t(buffer.count))
        precondition(unsafe written != nil)
        return String(
            decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
