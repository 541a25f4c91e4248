/// One end of a connection: address and port, the port in host order (0 where there is none).
public struct Endpoint: Hashable, Sendable {
    /// Which sort of address.
    public let family: Family

    /// The address, of `family`.
    public let address: Address

    /// Host order; 0 where the protocol has none.
    public let port: UInt16

    /// `address` is one of `family`.
    @_noAllocation @_noLocks
    public init(family: Family, address: Address, port: UInt16) {
        self.family = family
        self.address = address
        self.port = port
    }

    /// True where both say the same.
    @_noAllocation @_noLocks
    public static func == (left: Endpoint, right: Endpoint) -> Bool {
        left.family == right.family && left.address == right.address && left.port == right.port
    }
}
