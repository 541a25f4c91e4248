/// The answer to a request that has no answer of its own kind.
public struct Reply: WireMessage {
    /// How the request went. An open set: a number that this version does not know is kept.
    public struct Status: RawRepresentable, Equatable, Sendable {
        /// The number on the wire.
        public let rawValue: UInt16

        /// Any number, known or not.
        @_noAllocation @_noLocks
        public init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// True where both say the same.
        @_noAllocation @_noLocks
        public static func == (left: Status, right: Status) -> Bool {
            left.rawValue == right.rawValue
        }

        /// Done.
        @inlinable public static var ok: Status { Status(rawValue: 0) }
        /// The kind is not one that the receiver knows.
        @inlinable public static var unknownKind: Status { Status(rawValue: 1) }
        /// No network has this id.
        @inlinable public static var noSuchNetwork: Status { Status(rawValue: 2) }
        /// No endpoint of the network has this id.
        @inlinable public static var noSuchEndpoint: Status { Status(rawValue: 3) }
        /// No connection has this id, or no longer.
        @inlinable public static var noSuchConnection: Status { Status(rawValue: 4) }
        /// The table's parts came in the wrong order, number or generation; it was dropped.
        @inlinable public static var tableInvalid: Status { Status(rawValue: 5) }
        /// The receiver's memory holds no table (or no endpoints) of this size.
        @inlinable public static var tooLarge: Status { Status(rawValue: 6) }
        /// Fewer descriptors came than the frame says, or of the wrong sort.
        @inlinable public static var badDescriptors: Status { Status(rawValue: 7) }
        /// The receiver cannot do this now; asking again later may work.
        @inlinable public static var busy: Status { Status(rawValue: 8) }
        /// The request makes no sense for this network: an endpoint for a direct one.
        @inlinable public static var notApplicable: Status { Status(rawValue: 9) }
    }

    /// How the request went.
    public let status: Status

    /// A number that goes with the answer, or 0: a commit's generation; for a network's state the
    /// connections that it has.
    public let value: UInt64

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(status: Status, value: UInt64) {
        self.status = status
        self.value = value
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        status = Status(rawValue: reader.u16())
        reader.reserved16()
        value = reader.u64()
        if !reader.isComplete { return nil }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.reply, flags: 0, requestID: requestID)
        writer.put(status.rawValue)
        writer.put(UInt16(0))
        writer.put(value)
        writer.end()
    }
}
