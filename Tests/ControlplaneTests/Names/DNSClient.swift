import NIOCore
import NIOPosix

@testable import controlplane

/// Asks a server on 127.0.0.1 over UDP or TCP, as many questions at once as one likes; each once.
actor DNSClient {
    private let channel: any Channel
    private let isStream: Bool
    private let server: SocketAddress
    private var waiting: [UInt16: CheckedContinuation<DNSMessage?, Never>] = [:]
    private var lastID: UInt16 = 0

    private init(_ channel: any Channel, isStream: Bool, _ server: SocketAddress) {
        self.channel = channel
        self.isStream = isStream
        self.server = server
    }

    static func datagram(port: UInt16, host: String = "127.0.0.1") async throws -> DNSClient {
        let server = try SocketAddress(ipAddress: host, port: Int(port))
        let (answers, told) = AsyncStream.makeStream(of: [UInt8].self)
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.so_rcvbuf), value: 1 << 20)
            .channelInitializer { channel in
                channel.pipeline.addHandler(Envelopes { told.yield($0) })
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let client = DNSClient(channel, isStream: false, server)
        Task { for await bytes in answers { await client.heard(bytes) } }
        return client
    }

    static func stream(port: UInt16) async throws -> DNSClient {
        let server = try SocketAddress(ipAddress: "127.0.0.1", port: Int(port))
        let (answers, told) = AsyncStream.makeStream(of: [UInt8].self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(DNSStreamDecoder()),
                        Frames { told.yield($0) })
                }
            }
            .connect(to: server).get()
        let client = DNSClient(channel, isStream: true, server)
        Task { for await bytes in answers { await client.heard(bytes) } }
        return client
    }

    /// The answer, or nil when none comes in time.
    func ask(
        _ name: String, type: UInt16 = DNSSamples.typeA, udpBytes: UInt16? = 1232,
        within limit: Duration = .seconds(10)
    ) async -> DNSMessage? {
        lastID &+= 1
        let id = lastID
        let query = DNSSamples.query(name, type: type, id: id, udpBytes: udpBytes)
        return await withCheckedContinuation { continuation in
            waiting[id] = continuation
            send(query)
            Task {
                try? await Task.sleep(for: limit)
                waiting.removeValue(forKey: id)?.resume(returning: nil)
            }
        }
    }

    func send(_ bytes: [UInt8]) {
        if isStream {
            channel.writeAndFlush(DNSStreamDecoder.frame(bytes), promise: nil)
        } else {
            let data = ByteBuffer(bytes: bytes)
            channel.writeAndFlush(
                AddressedEnvelope(remoteAddress: server, data: data), promise: nil)
        }
    }

    private func heard(_ bytes: [UInt8]) {
        guard let answer = DNSMessage(bytes) else { return }
        waiting.removeValue(forKey: answer.id)?.resume(returning: answer)
    }

    func close() async { try? await channel.close() }

    private final class Envelopes: ChannelInboundHandler, Sendable {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        let deliver: @Sendable ([UInt8]) -> Void
        init(_ deliver: @escaping @Sendable ([UInt8]) -> Void) { self.deliver = deliver }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            deliver(Array(buffer: unwrapInboundIn(data).data))
        }
    }

    private final class Frames: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let deliver: @Sendable ([UInt8]) -> Void
        init(_ deliver: @escaping @Sendable ([UInt8]) -> Void) { self.deliver = deliver }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            deliver(Array(buffer: unwrapInboundIn(data)))
        }
    }
}
