/// A block of addresses: those whose first `length` bits are the same as `address`'s.
///
/// Ordered by family, then address, then length: a block comes right before the blocks inside it.
public struct Prefix: Hashable, Comparable, Sendable {
    /// Which sort of address.
    public let family: Family

    /// Leading bits that count: 0...32 or 0...128.
    public let length: UInt8

    /// The block's first address: the bits behind `length` are zero.
    public let address: Address

    /// Takes any values; `isValid` says whether they make a prefix.
    @_noAllocation @_noLocks
    public init(family: Family, length: UInt8, address: Address) {
        self.family = family
        self.length = length
        self.address = address
    }

    /// True where the length fits the family and no bit behind it is set.
    public var isValid: Bool {
        @_noAllocation @_noLocks get {
            length <= family.bits && address.isValid(family) && address.masked(length) == address
        }
    }

    /// True where `candidate`, an address of `family`, is in the block.
    @_noAllocation @_noLocks
    public func contains(_ candidate: Address, _ family: Family) -> Bool {
        family == self.family && candidate.masked(length) == address
    }

    /// True where both say the same.
    @_noAllocation @_noLocks
    public static func == (left: Prefix, right: Prefix) -> Bool {
        left.family == right.family && left.length == right.length && left.address == right.address
    }

    /// Family, then address, then length.
    @_noAllocation @_noLocks
    public static func < (left: Prefix, right: Prefix) -> Bool {
        if left.family != right.family { return left.family.rawValue < right.family.rawValue }
        if left.address != right.address { return left.address < right.address }
        return left.length < right.length
    }
}
