@testable import controlplane

/// Messages for tests.
enum DNSSamples {
    static let typeA: UInt16 = 1
    static let typePTR: UInt16 = 12
    static let typeTXT: UInt16 = 16

    /// A query with recursion desired.
    /// - Parameter udpBytes: with EDNS, when given.
    static func query(
        _ name: String, type: UInt16 = typeA, id: UInt16 = 0x1234, udpBytes: UInt16? = nil,
        flags: UInt16 = 0x0100, ednsFlags: UInt16 = 0
    ) -> [UInt8] {
        let wire = DNSName(name)?.wire ?? []
        var bytes = words([id, flags, 1, 0, 0, udpBytes == nil ? 0 : 1]) + wire + words([type, 1])
        if let udpBytes { bytes += [0] + words([41, udpBytes, 0, ednsFlags, 0]) }
        return bytes
    }

    /// An answer to a query without EDNS: so many TXT records of 200 bytes each.
    static func answer(_ query: [UInt8], records: Int) -> [UInt8] {
        let record =
            words([0xC00C, typeTXT, 1, 0, 60, 200, 199 << 8 | 0x61])
            + [UInt8](repeating: 0x61, count: 198)
        return query[0..<2] + words([0x8180, 1, UInt16(records), 0, 0]) + query[12...]
            + (0..<records).flatMap { _ in record }
    }

    static func words(_ words: [UInt16]) -> [UInt8] {
        words.flatMap { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] }
    }
}
