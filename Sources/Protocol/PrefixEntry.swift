/// Which network a prefix belongs to: an item of a `prefixChunk`.
public struct PrefixEntry: Equatable, Sendable {
    /// The block of addresses.
    public let prefix: Prefix

    /// A network of the same table.
    public let network: UInt32

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(prefix: Prefix, network: UInt32) {
        self.prefix = prefix
        self.network = network
    }

    /// Reads one item; nil, and the body refused, where it is not a prefix.
    ///
    /// That items ascend is the business of `TableCheck`, which sees all of them.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        let family = reader.family()
        let length = reader.u8()
        reader.reserved16()
        network = reader.u32()
        prefix = Prefix(family: family, length: length, address: reader.address(family))
        guard !reader.failed, prefix.isValid, network != Limits.networkAll else {
            reader.fail()
            return nil
        }
    }

    /// Writes one item into an open `prefixChunk`.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter) {
        writer.put(prefix.family.rawValue)
        writer.put(prefix.length)
        writer.put(UInt16(0))
        writer.put(network)
        writer.put(prefix.address)
    }
}
