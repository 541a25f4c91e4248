/// What is other than in the table in use comes: so many networks that are new, changed or gone, then
/// so many prefixes that are new, another network's, or nobody's any more (network 0), then a commit.
///
/// The rules are those of a whole table, and as there nothing takes effect before the commit.
public struct TablePatch: WireMessage {
    /// Names the table that comes of it, and is repeated in the commit.
    public let generation: UInt64

    /// The generation of the table that it is about, which must be the one in use.
    public let base: UInt64

    /// Networks to come: 0...`Limits.networksMax`.
    public let networks: UInt32

    /// Prefixes to come: 0...`Limits.prefixesMax`.
    public let prefixes: UInt32

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(generation: UInt64, base: UInt64, networks: UInt32, prefixes: UInt32) {
        self.generation = generation
        self.base = base
        self.networks = networks
        self.prefixes = prefixes
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        generation = reader.u64()
        base = reader.u64()
        networks = reader.u32()
        prefixes = reader.u32()
        guard reader.isComplete, networks <= UInt32(Limits.networksMax),
            prefixes <= UInt32(Limits.prefixesMax)
        else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.tablePatch, flags: 0, requestID: requestID)
        writer.put(generation)
        writer.put(base)
        writer.put(networks)
        writer.put(prefixes)
        writer.end()
    }
}
