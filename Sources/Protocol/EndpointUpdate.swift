/// A tunnel client's local socket comes or goes: one of a network's ways to its far side.
public struct EndpointUpdate: WireMessage {
    /// Comes or goes.
    public enum Action: UInt8, CaseIterable, Sendable {
        /// New connections may use it. Adding an id again replaces path and capacity.
        case add = 1
        /// New connections must not use it; those that do go on.
        case remove = 2
    }

    /// The network's id.
    public let network: UInt32

    /// Names the endpoint within its network.
    public let endpoint: UInt32

    /// Comes or goes.
    public let action: Action

    /// Connections that it can carry at once: at least one; not used by `remove`.
    public let capacity: UInt32

    /// Where it listens. `remove` may have an empty path, because the id names the endpoint.
    public let socket: LocalSocket

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(
        network: UInt32, endpoint: UInt32, action: Action, capacity: UInt32, socket: LocalSocket
    ) {
        self.network = network
        self.endpoint = endpoint
        self.action = action
        self.capacity = capacity
        self.socket = socket
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        network = reader.u32()
        endpoint = reader.u32()
        let action = reader.u8()
        let kind = reader.u8()
        let length = Int(reader.u16())
        capacity = reader.u32()
        guard !reader.failed, network != Limits.networkAll,
            let socket = LocalSocket(decoding: &reader, kind: kind, length: length),
            reader.isComplete
        else { return nil }
        switch action {
        case 1:
            if length == 0 || capacity == 0 { return nil }
            self.action = .add
        case 2:
            self.action = .remove
        default:
            return nil
        }
        self.socket = socket
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.endpoint, flags: 0, requestID: requestID)
        writer.put(network)
        writer.put(endpoint)
        writer.put(action.rawValue)
        writer.put(socket.kind)
        writer.put(UInt16(truncatingIfNeeded: socket.length))
        writer.put(capacity)
        socket.encode(into: &writer)
        writer.end()
    }
}
