/// The front of a `networkChunk` or `prefixChunk` body, and the second part of that of a
/// `filterChunk`: how many items of a fixed size follow.
///
/// After it the reader stands at the first item; read `count` of them with their own decoders and
/// `isComplete` is true.
public struct ChunkHeader: Equatable, Sendable {
    /// Items that follow: at least one.
    public let count: Int

    /// Nil where the body is not exactly as long as its count says.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader, itemLength: Int) {
        count = Int(reader.u16())
        guard !reader.failed, count > 0, reader.remaining == count * itemLength else { return nil }
    }
}
