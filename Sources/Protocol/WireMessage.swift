/// What every message has: a kind, a decoder for its body and an encoder for its whole frame.
///
/// The decoder reads every field, checks its range and refuses a body with bytes left over; it is
/// given a reader at the start of the body. The encoder writes one frame, header and all; a message
/// of its own accord (an event) has request id 0. The conforming types are plain values without
/// references, and their methods make the promises that the dataplane's loop needs: call them on the
/// concrete type there, not through this protocol.
public protocol WireMessage: Equatable, Sendable {
    init?(decoding reader: inout BodyReader)
    func encode(into writer: inout FrameWriter, requestID: UInt32)
}
