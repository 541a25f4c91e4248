internal import NIOCore
internal import NIOPosix

/// The ways to a private server: a connection, or a socket for datagrams.
enum CarrierSockets {
    /// No datagram is longer.
    private static let datagramBytes = 65_535

    /// - Parameters:
    ///   - limitMs: how long the attempt may take.
    ///   - keep: told of the channel before the attempt is made.
    static func stream(
        _ forwarder: DNSForwarder, _ loop: any EventLoop,
        _ connection: DNSForwarder.CarrierConnection, to address: SocketAddress, limitMs: Int64,
        _ keep: @escaping @Sendable (any Channel) -> Void
    ) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: loop)
            .connectTimeout(.milliseconds(limitMs))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                keep(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(DNSStreamDecoder()),
                        CarrierHandler(forwarder, connection))
                }
            }
            .connect(to: address)
    }

    static func datagrams(
        _ forwarder: DNSForwarder, _ loop: any EventLoop,
        _ connection: DNSForwarder.CarrierConnection, to address: SocketAddress,
        _ keep: @escaping @Sendable (any Channel) -> Void
    ) -> EventLoopFuture<any Channel> {
        DatagramBootstrap(group: loop)
            .channelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: datagramBytes)
            )
            // Answers to 1,000 queries may come before the loop has turned once.
            .channelOption(.socketOption(.so_rcvbuf), value: 1 << 20)
            .channelInitializer { channel in
                keep(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ConnectedDatagramHandler(), CarrierHandler(forwarder, connection))
                }
            }
            .connect(to: address)
    }
}
