/// The twelve bytes in front of every body.
///
/// ```
///  0               4       6       8               12
/// +---------------+-------+-------+---------------+------
/// | length        | kind  | flags | request id    | body
/// +---------------+-------+-------+---------------+------
///                 |<---------- length bytes ------------>
/// ```
public struct FrameHeader: Equatable, Sendable {
    /// Bytes that follow the length field: 8 to `Limits.frameLengthMax`.
    public let length: UInt32

    /// The number of the kind, which may be one that this version does not know.
    public let kind: UInt16

    /// None is defined: zero from the sender, ignored by the receiver.
    public let flags: UInt16

    /// Nonzero where the sender wants an answer, which carries the same number. Zero in events.
    public let requestID: UInt32

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(length: UInt32, kind: UInt16, flags: UInt16, requestID: UInt32) {
        self.length = length
        self.kind = kind
        self.flags = flags
        self.requestID = requestID
    }

    /// The kind, or nil where this version does not know it: skip the frame and count it.
    public var knownKind: Kind? {
        @_noAllocation @_noLocks get { Kind(wire: kind) }
    }

    /// Bytes of the body.
    public var bodyLength: Int {
        @_noAllocation @_noLocks get { Int(length) - Limits.frameLengthMin }
    }
}
