import Glibc
import Protocol

extension Address {
    /// Reads an IPv4 address in four decimal parts, or an IPv6 address (RFC 4291 section 2.2).
    ///
    /// The corresponding C function is `inet_pton`. Zone names and short forms of IPv4 are refused.
    static func parse(_ text: String) -> (address: Address, family: Family)? {
        // C would see the part in front of a NUL.
        guard !text.utf8.contains(0) else { return nil }
        var ipv4 = in_addr()
        if unsafe inet_pton(AF_INET, text, &ipv4) == 1 {
            return (Address(ipv4: UInt32(bigEndian: ipv4.s_addr)), .ipv4)
        }
        // Most words are neither.
        guard text.utf8.contains(UInt8(ascii: ":")) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard unsafe inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        let halves = [bytes[..<8], bytes[8...]].map {
            $0.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        return (Address(high: halves[0], low: halves[1]), .ipv6)
    }

    /// The address as text: four decimal parts, or the canonical form of RFC 5952.
    ///
    /// The corresponding C function is `inet_ntop`.
    func text(_ family: Family) -> String {
        let integers = family == .ipv4 ? [high] : [high, low]
        let bytes = integers.flatMap { integer in
            (0..<8).map { UInt8(truncatingIfNeeded: integer >> (56 - 8 * $0)) }
        }
        let domain = family == .ipv4 ? AF_INET : AF_INET6
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let written = unsafe inet_ntop(domain, bytes, &buffer, socklen_t(buffer.count))
        precondition(unsafe written != nil)
        return String(
            decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
