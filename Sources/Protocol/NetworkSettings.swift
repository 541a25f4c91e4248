/// One private network as the dataplane needs to know it: an item of a `networkChunk`.
public struct NetworkSettings: Equatable, Sendable {
    /// How the far side of a connection is opened.
    public enum Connector: UInt8, CaseIterable, Sendable {
        /// connect(2) to the destination itself, through `device` where one is named.
        case direct = 1
        /// SOCKS5 on one of the network's endpoints, which are Unix sockets.
        case socks = 2
        /// The controlplane is asked and answers with descriptors.
        case handed = 3
    }

    /// When the client's connect() succeeds.
    public enum Mode: UInt8, CaseIterable, Sendable {
        /// Once the far side has accepted; refused is refused.
        case truthful = 1
        /// At once; a far side that fails is a reset.
        case eager = 2
    }

    /// How a network's packets are treated beside its connections.
    public struct Flags: OptionSet, Sendable {
        /// The bits on the wire; those without a name are ignored.
        public let rawValue: UInt16

        /// Any bits, known or not.
        @_noAllocation @_noLocks
        public init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// Its tunnel carries packets: those that are no connection's are held like SYNs and sent
        /// on once it is up.
        @inlinable public static var packets: Flags { Flags(rawValue: 1) }
        /// TCP goes as packets too: no far side is opened for it. Needs `packets`.
        @inlinable public static var routesTCP: Flags { Flags(rawValue: 2) }
        /// It is configured no longer; only where a table is changed.
        @inlinable public static var removed: Flags { Flags(rawValue: 0x8000) }
    }

    /// The network's number in every other message; never `Limits.networkAll`.
    public let id: UInt32

    /// How its far sides are opened.
    public let connector: Connector

    /// When a client's connect() succeeds.
    public let mode: Mode

    /// How its packets are treated.
    public let flags: Flags

    /// How long a packet may wait for the network, in milliseconds: 0...`Limits.holdMsMax`.
    public let holdMs: UInt32

    /// Connections that may be opening at once; 0 leaves it to the dataplane's own limit.
    public let halfOpenMax: UInt32

    /// Connections that may exist at once; 0 leaves it to the dataplane's own limit.
    public let connectionsMax: UInt32

    /// The device that `direct` binds to (SO_BINDTODEVICE of socket(7)); empty for none.
    public let device: DeviceName

    /// Connections that one client address may have opening at once, whatever networks they are
    /// for; 0 leaves it to the dataplane's own limit.
    public let halfOpenPerSourceMax: UInt32

    /// The number of the table's filter that says what may make the tunnel dial; 0: everything may.
    public let filter: UInt16

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(
        id: UInt32, connector: Connector, mode: Mode, flags: Flags, holdMs: UInt32,
        halfOpenMax: UInt32, connectionsMax: UInt32, device: DeviceName,
        halfOpenPerSourceMax: UInt32 = 0, filter: UInt16 = 0
    ) {
        self.id = id
        self.connector = connector
        self.mode = mode
        self.flags = flags
        self.holdMs = holdMs
        self.halfOpenMax = halfOpenMax
        self.connectionsMax = connectionsMax
        self.halfOpenPerSourceMax = halfOpenPerSourceMax
        self.device = device
        self.filter = filter
    }

    /// Reads one item; nil, and the body refused, where a field is out of range.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        id = reader.u32()
        let connector = NetworkSettings.connector(reader.u8())
        let mode = NetworkSettings.mode(reader.u8())
        flags = Flags(rawValue: reader.u16())
        holdMs = reader.u32()
        halfOpenMax = reader.u32()
        connectionsMax = reader.u32()
        let device = DeviceName(decoding: &reader)
        halfOpenPerSourceMax = reader.u32()
        filter = reader.u16()
        reader.reserved16()
        guard let connector, let mode, let device, !reader.failed, id != Limits.networkAll,
            holdMs <= Limits.holdMsMax, filter <= Limits.filtersMax
        else {
            reader.fail()
            return nil
        }
        self.connector = connector
        self.mode = mode
        self.device = device
    }

    /// Writes one item into an open `networkChunk`.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter) {
        writer.put(id)
        writer.put(connector.rawValue)
        writer.put(mode.rawValue)
        writer.put(flags.rawValue)
        writer.put(holdMs)
        writer.put(halfOpenMax)
        writer.put(connectionsMax)
        device.encode(into: &writer)
        writer.put(halfOpenPerSourceMax)
        writer.put(filter)
        writer.put(UInt16(0))
    }

    /// True where packets are held until the network is up.
    public var holdsPackets: Bool {
        @_noAllocation @_noLocks get { flags.rawValue & 1 != 0 }
    }

    /// True where the network goes.
    public var isRemoved: Bool {
        @_noAllocation @_noLocks get { flags.rawValue & 0x8000 != 0 }
    }

    /// True where TCP goes as packets.
    public var routesTCP: Bool {
        @_noAllocation @_noLocks get { flags.rawValue & 3 == 3 }
    }

    @_noAllocation @_noLocks
    private static func connector(_ wire: UInt8) -> Connector? {
        switch wire {
        case 1: .direct
        case 2: .socks
        case 3: .handed
        default: nil
        }
    }

    @_noAllocation @_noLocks
    private static func mode(_ wire: UInt8) -> Mode? {
        switch wire {
        case 1: .truthful
        case 2: .eager
        default: nil
        }
    }
}
