/// Sixteen bytes of address, as two integers in host order so that comparing is integer comparing.
///
/// An IPv4 address is in the top 32 bits of `high` and the rest is zero, which is also its place on
/// the wire. The family is kept beside the address, not in it.
public struct Address: Hashable, Comparable, Sendable {
    /// The first eight bytes.
    public let high: UInt64

    /// The last eight bytes.
    public let low: UInt64

    /// The sixteen bytes as two integers in host order.
    @_noAllocation @_noLocks
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An IPv4 address in host order: 0x0a010203 is 10.1.2.3.
    @_noAllocation @_noLocks
    public init(ipv4: UInt32) {
        self.init(high: UInt64(ipv4) << 32, low: 0)
    }

    /// The IPv4 address in host order.
    public var ipv4: UInt32 {
        @_noAllocation @_noLocks get { UInt32(truncatingIfNeeded: high >> 32) }
    }

    /// False where an address of this family has bits outside its size.
    @_noAllocation @_noLocks
    public func isValid(_ family: Family) -> Bool {
        switch family {
        case .ipv4: low == 0 && UInt32(truncatingIfNeeded: high) == 0
        case .ipv6: true
        }
    }

    /// The first `length` bits (0...128) and zeros behind them.
    @_noAllocation @_noLocks
    public func masked(_ length: UInt8) -> Address {
        if length >= 128 { return self }
        if length > 64 {
            return Address(high: high, low: low & (UInt64.max &<< UInt64(128 - length)))
        }
        if length == 64 { return Address(high: high, low: 0) }
        if length == 0 { return Address(high: 0, low: 0) }
        return Address(high: high & (UInt64.max &<< UInt64(64 - length)), low: 0)
    }

    /// True where both say the same.
    @_noAllocation @_noLocks
    public static func == (left: Address, right: Address) -> Bool {
        left.high == right.high && left.low == right.low
    }

    /// The order of the bytes.
    @_noAllocation @_noLocks
    public static func < (left: Address, right: Address) -> Bool {
        left.high != right.high ? left.high < right.high : left.low < right.low
    }
}
