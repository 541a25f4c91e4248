/// The controlplane's first frame: which protocol it speaks.
///
/// The only body that may be longer than this version knows, so that a future version can still be
/// told apart and refused in words.
public struct Hello: WireMessage {
    /// A peer with another major version is refused.
    public let major: UInt16

    /// Informative: what differs between minor versions is in the feature bits.
    public let minor: UInt16

    /// What the sender can do. Both sides use what both offer.
    public let features: UInt64

    /// This version's hello.
    @_noAllocation @_noLocks
    public init() {
        self.init(
            major: Limits.versionMajor, minor: Limits.versionMinor, features: Limits.features)
    }

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(major: UInt16, minor: UInt16, features: UInt64) {
        self.major = major
        self.minor = minor
        self.features = features
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        major = reader.u16()
        minor = reader.u16()
        features = reader.u64()
        if reader.failed { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.hello, flags: 0, requestID: requestID)
        writer.put(major)
        writer.put(minor)
        writer.put(features)
        writer.end()
    }

    /// False where the peer speaks another protocol and the link must close.
    public var isCompatible: Bool {
        @_noAllocation @_noLocks get { major == Limits.versionMajor }
    }
}
