/// One whole filter of the new table: what may make a network's tunnel dial.
///
/// Filters come before networks and are numbered from 1 in the order in which they come; a
/// network names one by its number.
public struct FilterChunk: WireMessage {
    /// The filter's number: 1...`Limits.filtersMax`.
    public let filter: UInt16

    /// At least one rule.
    public let rules: PacketRules

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(filter: UInt16, rules: PacketRules) {
        self.filter = filter
        self.rules = rules
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        filter = reader.u16()
        guard filter >= 1, filter <= Limits.filtersMax,
            let header = ChunkHeader(decoding: &reader, itemLength: Limits.ruleLength),
            let rules = PacketRules(decoding: &reader, count: header.count), reader.isComplete
        else { return nil }
        self.rules = rules
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.filterChunk, flags: 0, requestID: requestID)
        writer.put(filter)
        writer.put(UInt16(truncatingIfNeeded: rules.count))
        rules.encode(into: &writer)
        writer.end()
    }
}
