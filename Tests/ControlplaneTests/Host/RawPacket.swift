import Protocol

@testable import controlplane

/// A packet as it is written into the doorbell: IPv4 or IPv6 with a TCP segment or a UDP datagram.
struct RawPacket {
    var source: String
    var target: String
    var sourcePort: UInt16 = 40_000
    var targetPort: UInt16 = 22
    /// TCP's flags; nil: UDP.
    var flags: UInt8? = 0x02
    var dscp: UInt8 = 0

    /// The bytes on the wire (RFC 791, 8200, 9293, 768), with right checksums: connection tracking
    /// passes over packets with wrong ones.
    var bytes: [UInt8] {
        let (from, family) = address(source)
        let (to, _) = address(target)
        let number: UInt8 = flags == nil ? 17 : 6
        var payload = words([sourcePort, targetPort])
        if let flags {
            payload += [0, 0, 3, 232] + (flags & 0x10 != 0 ? [0, 0, 0, 1] : [0, 0, 0, 0])
            payload += [0x50, flags, 0xff, 0xff, 0, 0, 0, 0]
        } else {
            payload += [0, 8, 0, 0]
        }
        let length = UInt16(payload.count)
        let pseudo = from + to + [0, number] + words([length])
        let place = flags == nil ? 6 : 16
        payload.replaceSubrange(place..<place + 2, with: words([Self.checksum(pseudo + payload)]))
        guard family == .ipv4 else {
            let first: [UInt8] = [0x60 | dscp >> 2, dscp << 6, 0, 0]
            return first + words([length]) + [number, 64] + from + to + payload
        }
        var header = [0x45, dscp << 2] + words([20 + length, 1, 0]) + [64, number, 0, 0]
        header += from + to
        header.replaceSubrange(10..<12, with: words([Self.checksum(header)]))
        return header + payload
    }

    private func address(_ text: String) -> ([UInt8], Family) {
        guard let (address, family) = Address.parse(text) else { preconditionFailure(text) }
        let all = [address.high, address.low].flatMap { half in
            (0..<8).map { UInt8(truncatingIfNeeded: half >> (56 - 8 * $0)) }
        }
        return (Array(all.prefix(Int(family.bits / 8))), family)
    }

    private func words(_ values: [UInt16]) -> [UInt8] {
        values.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    }

    /// RFC 1071.
    static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum +=
                UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
        }
        while sum > 0xffff { sum = sum & 0xffff + sum >> 16 }
        return ~UInt16(sum)
    }
}
