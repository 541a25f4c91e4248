internal import NIOCore

/// Queries over UDP.
final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let forwarder: DNSForwarder

    init(_ forwarder: DNSForwarder) { self.forwarder = forwarder }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let bytes = Array(buffer: envelope.data)
        forwarder.assumeIsolated { $0.heard(bytes, from: .datagram(envelope.remoteAddress)) }
    }

    /// What was sent to somebody who is gone comes back as an error: no reason to close.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

/// Queries over TCP.
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let forwarder: DNSForwarder

    init(_ forwarder: DNSForwarder) { self.forwarder = forwarder }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        let hasRoom = forwarder.assumeIsolated { $0.opened(channel) }
        if !hasRoom { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(buffer: unwrapInboundIn(data))
        let channel = context.channel
        forwarder.assumeIsolated { $0.heard(bytes, from: .stream(channel)) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let channel = context.channel
        forwarder.assumeIsolated { $0.closed(channel) }
    }

    /// Nothing was said for long.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Answers from a private server.
final class CarrierHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let forwarder: DNSForwarder
    private let connection: DNSForwarder.CarrierConnection

    init(_ forwarder: DNSForwarder, _ connection: DNSForwarder.CarrierConnection) {
        self.forwarder = forwarder
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(buffer: unwrapInboundIn(data))
        forwarder.assumeIsolated { [connection] in $0.answered(bytes, on: connection) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        forwarder.assumeIsolated { [connection] in $0.ended(connection) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// A socket for datagrams that is connected to one server: what comes is from there.
final class ConnectedDatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias InboundOut = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.fireChannelRead(Self.wrapInboundOut(unwrapInboundIn(data).data))
    }
}
