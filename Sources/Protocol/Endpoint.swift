/// One end of a connection: address and port, the port in host order (0 where there is none).
public struct Endpoint: Hashable, Sendable {
    public let family: Family
    public let address: Address
    public let port: UInt16

    @_noAllocation @_noLocks
    public init(family: Family, address: Address, port: UInt16) {
        self.family = family
        self.address = address
        self.port = port
    }

    @_noAllocation @_noLocks
    public static func == (left: Endpoint, right: Endpoint) -> Bool {
        left.family == right.family && left.address == right.address && left.port == right.port
    }
}
