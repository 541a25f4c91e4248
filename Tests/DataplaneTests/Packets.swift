import Protocol

@testable import dataplane

/// Builds the packets that tests send through the doorbell's parser.
enum Packets {
    /// A TCP packet with right checksums.
    static func tcp(
        _ source: Endpoint, _ target: Endpoint, flags: UInt8, sequence: UInt32 = 7,
        options: [UInt8] = []
    ) -> [UInt8] {
        precondition(options.count % 4 == 0)
        var tcp: [UInt8] = be16(source.port) + be16(target.port) + be32(sequence) + be32(0)
        tcp +=
            [UInt8((20 + options.count) / 4) << 4, flags] + be16(64_240) + [0, 0, 0, 0] + options
        let sum = checksum(pseudoHeader(source, target, length: tcp.count) + tcp)
        tcp[16] = UInt8(sum >> 8)
        tcp[17] = UInt8(sum & 255)
        return ip(source, target, ipProtocol: 6, payload: tcp)
    }

    static func ip(
        _ source: Endpoint, _ target: Endpoint, ipProtocol: UInt8, payload: [UInt8], tos: UInt8 = 0
    ) -> [UInt8] {
        switch source.family {
        case .ipv4:
            var header: [UInt8] =
                [0x45, tos] + be16(UInt16(20 + payload.count)) + be16(1) + be16(0x4000)
            header += [64, ipProtocol, 0, 0] + bytes(source) + bytes(target)
            let sum = checksum(header)
            header[10] = UInt8(sum >> 8)
            header[11] = UInt8(sum & 255)
            return header + payload
        case .ipv6:
            let header: [UInt8] = [0x60 | tos >> 4, tos << 4, 0, 0] + be16(UInt16(payload.count))
            return header + [ipProtocol, 64] + bytes(source) + bytes(target) + payload
        }
    }

    static func timestamps(_ value: UInt32) -> [UInt8] { [1, 1, 8, 10] + be32(value) + be32(0) }

    static func bytes(_ endpoint: Endpoint) -> [UInt8] {
        let all = be64(endpoint.address.high) + be64(endpoint.address.low)
        return endpoint.family == .ipv4 ? Array(all.prefix(4)) : all
    }

    static func be16(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
    static func be32(_ value: UInt32) -> [UInt8] {
        be16(UInt16(value >> 16)) + be16(UInt16(truncatingIfNeeded: value))
    }
    static func be64(_ value: UInt64) -> [UInt8] {
        be32(UInt32(value >> 32)) + be32(UInt32(truncatingIfNeeded: value))
    }

    static func pseudoHeader(_ source: Endpoint, _ target: Endpoint, length: Int) -> [UInt8] {
        bytes(source) + bytes(target) + be32(UInt32(length)) + be32(6)
    }

    /// The Internet checksum computed the long way (RFC 1071): what the incremental one is compared
    /// with.
    static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for (index, byte) in bytes.enumerated() { sum += UInt32(byte) << (index % 2 == 0 ? 8 : 0) }
        while sum > 0xffff { sum = (sum >> 16) + (sum & 0xffff) }
        return ~UInt16(sum)
    }

    /// True where the packet's IPv4 header and TCP checksums are right.
    static func isSound(_ packet: [UInt8], _ source: Endpoint, _ target: Endpoint) -> Bool {
        let isIPv4 = source.family == .ipv4
        let transport = Array(packet.dropFirst(isIPv4 ? 20 : 40))
        let header = isIPv4 ? checksum(Array(packet.prefix(20))) : 0
        return header == 0
            && checksum(pseudoHeader(source, target, length: transport.count) + transport) == 0
    }

    static func v4(_ a: UInt32, _ port: UInt16) -> Endpoint {
        Endpoint(family: .ipv4, address: Address(ipv4: a), port: port)
    }

    static func v6(_ low: UInt64, _ port: UInt16) -> Endpoint {
        Endpoint(family: .ipv6, address: Address(high: 0xfd00_0001_0002_0000, low: low), port: port)
    }

    /// Runs `body` on a copy of the packet and returns the copy as it is then.
    static func with<Result>(_ packet: [UInt8], _ body: (PacketBytes) -> Result) -> (
        [UInt8], Result
    ) {
        var copy = packet
        let result = copy.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("an empty packet") }
            return body(PacketBytes(base, count: buffer.count))
        }
        return (copy, result)
    }
}
