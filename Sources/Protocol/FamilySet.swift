/// Which of the two families: bit 0 is IPv4, bit 1 is IPv6.
public struct FamilySet: Equatable, Sendable {
    /// The bits, as on the wire.
    public let rawValue: UInt8

    /// Both families.
    @_noAllocation @_noLocks
    public static func all() -> FamilySet { FamilySet(ipv4: true, ipv6: true) }

    /// One, both or none.
    @_noAllocation @_noLocks
    public init(ipv4: Bool, ipv6: Bool) {
        rawValue = (ipv4 ? 1 : 0) | (ipv6 ? 2 : 0)
    }

    /// The set with these bits; nil where another bit is set.
    @_noAllocation @_noLocks
    public init?(wire: UInt8) {
        guard wire <= 3 else { return nil }
        rawValue = wire
    }

    /// True where the family is one of them.
    @_noAllocation @_noLocks
    public func contains(_ family: Family) -> Bool {
        switch family {
        case .ipv4: rawValue & 1 != 0
        case .ipv6: rawValue & 2 != 0
        }
    }
}
