internal import Protocol

/// SOCKS5 CONNECT (RFC 1928) as an ssh master's dynamic forward speaks it: greeting and request go
/// in one write, and the answers are two bytes and ten.
///
/// OpenSSH answers a target that refused, or could not be reached, by closing without the second
/// answer.
enum Socks {
    static let answerLength: UInt8 = 12
    static let greetingLength: UInt8 = 2

    /// Bytes of the longest greeting and request.
    static var requestMax: Int { @_noAllocation @_noLocks get { 8 + Limits.farNameMax + 2 } }

    /// Writes greeting and request into `bytes`, which has at least 25, and returns their length.
    @_noAllocation @_noLocks
    static func request(_ target: Endpoint, into bytes: PacketBytes) -> Int {
        begin(bytes)
        switch target.family {
        case .ipv4:
            bytes[6] = 1
            bytes.put32(target.address.ipv4, at: 7)
            bytes.put16(target.port, at: 11)
            return 13
        case .ipv6:
            bytes[6] = 4
            bytes.put64(target.address.high, at: 7)
            bytes.put64(target.address.low, at: 15)
            bytes.put16(target.port, at: 23)
            return 25
        }
    }

    /// The same for a name that the far side looks up; `bytes` has `requestMax`.
    @_noAllocation @_noLocks
    static func request(_ name: FarName, port: UInt16, into bytes: PacketBytes) -> Int {
        begin(bytes)
        bytes[6] = 3
        bytes[7] = UInt8(truncatingIfNeeded: name.count)
        var index = 0
        while index < name.count {
            bytes[8 + index] = name.bytes[index]
            index += 1
        }
        bytes.put16(port, at: 8 + name.count)
        return 10 + name.count
    }

    @_noAllocation @_noLocks
    private static func begin(_ bytes: PacketBytes) {
        bytes[0] = 5  // version, one method: none
        bytes[1] = 1
        bytes[2] = 0
        bytes[3] = 5  // version, CONNECT
        bytes[4] = 1
        bytes[5] = 0
    }

    enum Answer { case incomplete, opened, reset, unreachable, broken }

    /// What the answer's bytes so far mean.
    @_noAllocation @_noLocks
    static func answer(_ bytes: PacketBytes) -> Answer {
        if bytes.count >= 2 && (bytes[0] != 5 || bytes[1] != 0) { return .broken }
        if bytes.count >= 3 && bytes[2] != 5 { return .broken }
        guard bytes.count >= Int(answerLength) else { return .incomplete }
        switch bytes[3] {
        case 0: return .opened
        case 5: return .reset  // connection refused
        default: return .unreachable
        }
    }
}
