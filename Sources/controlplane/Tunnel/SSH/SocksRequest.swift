internal import Protocol

/// A SOCKS5 CONNECT (RFC 1928) as the dataplane writes it: greeting and request in one piece. Pure.
struct SocksRequest: Equatable, Sendable {
    /// Longest request in bytes: a name of 255.
    static let bytesMax = 265

    /// The answers to greeting and request, which say that the connection is open.
    static let opened: [UInt8] = [5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]

    /// An address literal, for which netcat needs no brackets, or a name that it looks up.
    let address: String
    let port: UInt16

    /// nil for anything else, such as a request that is cut short or for no host's name.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 11, bytes[0..<6].elementsEqual([5, 1, 0, 5, 1, 0]) else { return nil }
        if bytes[6] == 3 {
            let end = 8 + Int(bytes[7])
            guard bytes.count == end + 2 else { return nil }
            let name = String(decoding: bytes[8..<end], as: UTF8.self)
            // It becomes a word of a shell's line.
            guard HostName.isValid(name) else { return nil }
            address = name
            port = UInt16(bytes[end]) << 8 | UInt16(bytes[end + 1])
            return
        }
        let length = bytes[6] == 1 ? 4 : 16
        guard bytes[6] == 1 || bytes[6] == 4, bytes.count == 7 + length + 2 else { return nil }
        let field = Array(bytes[7..<(7 + length)])
        let halves = stride(from: 0, to: 16, by: 8).map { start in
            field.dropFirst(start).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        }
        address =
            length == 4
            ? Address(ipv4: UInt32(halves[0])).text(.ipv4)
            : Address(high: halves[0], low: halves[1]).text(.ipv6)
        port = UInt16(bytes[7 + length]) << 8 | UInt16(bytes[8 + length])
    }
}
