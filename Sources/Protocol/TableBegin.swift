/// A new table starts: its filters, then so many networks, then so many prefixes, then a commit.
///
/// The table in use stays in use until the commit. Another begin drops an unfinished one.
public struct TableBegin: WireMessage {
    /// Names the table: chosen by the controlplane, repeated in the commit.
    public let generation: UInt64

    /// Networks to come: 0...`Limits.networksMax`.
    public let networks: UInt32

    /// Prefixes to come: 0...`Limits.prefixesMax`.
    public let prefixes: UInt32

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(generation: UInt64, networks: UInt32, prefixes: UInt32) {
        self.generation = generation
        self.networks = networks
        self.prefixes = prefixes
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        generation = reader.u64()
        networks = reader.u32()
        prefixes = reader.u32()
        guard reader.isComplete, networks <= UInt32(Limits.networksMax),
            prefixes <= UInt32(Limits.prefixesMax)
        else { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.tableBegin, flags: 0, requestID: requestID)
        writer.put(generation)
        writer.put(networks)
        writer.put(prefixes)
        writer.end()
    }
}
