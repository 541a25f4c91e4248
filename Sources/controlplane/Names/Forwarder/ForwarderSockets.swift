internal import NIOCore
internal import NIOPosix

/// Where an answer goes.
enum DNSClientAddress: Sendable {
    case datagram(SocketAddress)
    case stream(any Channel)
}

/// The forwarder's own sockets: one for UDP, one that listens, and its clients' connections.
struct ForwarderSockets: Sendable {
    /// Local clients over TCP at once; one dnsmasq has 20 at most.
    static let streamsMax = 128
    private static let host = "127.0.0.1"

    var datagrams: (any Channel)?
    var listener: (any Channel)?
    private var streams: [ObjectIdentifier: any Channel] = [:]

    static func bindDatagrams(
        _ forwarder: DNSForwarder, _ loop: any EventLoop
    ) async throws -> any Channel {
        try await DatagramBootstrap(group: loop)
            // 1,000 queries may come before the loop has turned once.
            .channelOption(.socketOption(.so_rcvbuf), value: 1 << 20)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramHandler(forwarder))
                }
            }
            .bind(host: host, port: Int(forwarder.port)).get()
    }

    /// - Parameter idleMs: a client that says nothing for so long is closed.
    static func bindStreams(
        _ forwarder: DNSForwarder, _ loop: any EventLoop, idleMs: Int64
    ) async throws -> any Channel {
        try await ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        IdleStateHandler(allTimeout: .milliseconds(idleMs)),
                        ByteToMessageHandler(DNSStreamDecoder()), StreamHandler(forwarder))
                }
            }
            .bind(host: host, port: Int(forwarder.port)).get()
    }

    /// False where there are enough.
    mutating func add(_ stream: any Channel) -> Bool {
        guard streams.count < Self.streamsMax else { return false }
        streams[ObjectIdentifier(stream)] = stream
        return true
    }

    mutating func remove(_ stream: any Channel) { streams[ObjectIdentifier(stream)] = nil }

    func send(_ bytes: [UInt8], to client: DNSClientAddress) {
        switch client {
        case .datagram(let address):
            let envelope = AddressedEnvelope(
                remoteAddress: address, data: ByteBuffer(bytes: bytes))
            datagrams?.writeAndFlush(envelope, promise: nil)
        case .stream(let channel):
            // Somebody who does not read what he asked for is not waited for.
            guard channel.isWritable else { return channel.close(promise: nil) }
            channel.writeAndFlush(DNSStreamDecoder.frame(bytes), promise: nil)
        }
    }

    /// Gives everything away.
    mutating func takeAll() -> ForwarderSockets {
        defer { self = ForwarderSockets() }
        return self
    }

    func close() async {
        for channel in [listener].compactMap(\.self) + Array(streams.values) {
            try? await channel.close()
        }
        // Last: it may still have answers to send.
        try? await datagrams?.close()
    }
}
