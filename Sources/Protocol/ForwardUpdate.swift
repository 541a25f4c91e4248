/// A static forward comes, changes or goes: its listener's descriptor comes with the bytes of an
/// `add` (SCM_RIGHTS of unix(7)).
///
/// A connection that the listener accepts is an eager one of the network, whatever the network's
/// mode: it is in already, waits for its far side, and is reset where that cannot be had.
public struct ForwardUpdate: WireMessage {
    /// Comes, goes, or the end of those that a link names.
    public enum Action: UInt8, CaseIterable, Sendable {
        /// One more, or the same one with another listener or target. What waits in the earlier
        /// listener's backlog is accepted before that is closed.
        case add = 1
        /// No new connections; those that are open go on.
        case remove = 2
        /// Removes all that this link has not added. Says nothing else.
        case forgetOthers = 3
    }

    /// Names the forward for as long as it listens in the same place: never 0, but for
    /// `forgetOthers`.
    public let forward: UInt32

    /// The network's id.
    public let network: UInt32

    /// What happens.
    public let action: Action

    /// Where its connections go. The address is zero where a name stands for it.
    public let target: Endpoint

    /// Whom the far side looks up, where the network's connector can send a name; else none.
    public let name: FarName

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(
        forward: UInt32, network: UInt32, action: Action, target: Endpoint, name: FarName
    ) {
        self.forward = forward
        self.network = network
        self.action = action
        self.target = target
        self.name = name
    }

    /// One that goes.
    @_noAllocation @_noLocks
    public init(removing forward: UInt32) {
        self.init(
            forward: forward, network: 0, action: .remove, target: ForwardUpdate.nowhere,
            name: FarName())
    }

    /// The end of those that a link names.
    @_noAllocation @_noLocks
    public static func forgetOthers() -> ForwardUpdate {
        ForwardUpdate(
            forward: 0, network: 0, action: .forgetOthers, target: nowhere, name: FarName())
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        forward = reader.u32()
        network = reader.u32()
        let action = reader.u8()
        let family = reader.family()
        let port = reader.u16()
        let address = reader.address(family)
        let length = Int(reader.u8())
        guard !reader.failed, network != Limits.networkAll,
            let name = FarName(decoding: &reader, length: length), reader.isComplete
        else { return nil }
        let isNowhere = address == Address(high: 0, low: 0)
        switch action {
        case 1:
            guard forward != 0, port != 0, isNowhere == (length > 0) else { return nil }
            self.action = .add
        case 2:
            guard forward != 0, port == 0, isNowhere, length == 0 else { return nil }
            self.action = .remove
        case 3:
            guard forward == 0, port == 0, isNowhere, length == 0 else { return nil }
            self.action = .forgetOthers
        default:
            return nil
        }
        target = Endpoint(family: family, address: address, port: port)
        self.name = name
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.forward, flags: 0, requestID: requestID)
        writer.put(forward)
        writer.put(network)
        writer.put(action.rawValue)
        writer.put(target.family.rawValue)
        writer.put(target.port)
        writer.put(target.address)
        writer.put(UInt8(truncatingIfNeeded: name.count))
        name.encode(into: &writer)
        writer.end()
    }

    private static var nowhere: Endpoint {
        @_noAllocation @_noLocks get {
            Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 0)
        }
    }
}
