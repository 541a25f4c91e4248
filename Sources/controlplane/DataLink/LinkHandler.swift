internal import NIOCore
internal import Protocol

/// Cuts the stream from the dataplane into messages, at the end of SwiftNIO's pipeline.
// SAFETY: the memory is allocated in init, used by the reader alone and freed in deinit.
@safe
final class LinkHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let memory: UnsafeMutableRawBufferPointer
    private var reader: FrameReader
    private let deliver: @Sendable (LinkEvent) -> Void
    private let greeted: EventLoopPromise<DataplaneHello>
    /// The one that has this link, once it has said so.
    private var worker: Int?
    private var reason = "the dataplane closed the link"

    /// - Parameters:
    ///   - greeted: fulfilled once the dataplane's hello was delivered; fails with the link.
    ///   - deliver: told, in order, what happens on the link from then on.
    init(
        greeted: EventLoopPromise<DataplaneHello>, deliver: @escaping @Sendable (LinkEvent) -> Void
    ) {
        unsafe memory = .allocate(byteCount: 4 * Limits.frameBytesMax, alignment: 16)
        reader = unsafe FrameReader(memory)
        self.greeted = greeted
        self.deliver = deliver
    }

    deinit {
        // SAFETY: the reader dies with this object and is not used after it.
        unsafe memory.deallocate()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        // SAFETY: the bytes are copied out before the closure ends.
        unsafe buffer.withUnsafeReadableBytes { bytes in
            var offset = 0
            while offset < bytes.count {
                let space = unsafe reader.freeSpace()
                let count = min(space.count, bytes.count - offset)
                unsafe space.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)]))
                reader.advance(by: count)
                offset += count
                guard readFrames(context) else { return }
            }
        }
    }

    /// False once the link must end.
    private func readFrames(_ context: ChannelHandlerContext) -> Bool {
        while true {
            switch reader.next() {
            case .needMore:
                return true
            case .malformed(let malformation):
                end(context, "a malformed frame from the dataplane: \(malformation.reason)")
                return false
            case .frame(let header, let body):
                switch Message.decode(header, body) {
                case .message(.dataplaneHello(let hello)):
                    guard hello.isCompatible else {
                        end(
                            context,
                            "the dataplane speaks protocol \(hello.major), not \(Limits.versionMajor)"
                        )
                        return false
                    }
                    worker = Int(hello.worker)
                    deliver(.connected(hello))
                    greeted.succeed(hello)
                case .message(let message):
                    guard let worker else {
                        end(context, "the dataplane sent a \(message.kind) before its hello")
                        return false
                    }
                    deliver(.message(message, request: header.requestID, worker: worker))
                case .unknown:
                    break  // A later version's event: skipped, as the protocol says.
                case .malformed(let kind):
                    end(context, "the dataplane sent a \(kind) that makes no sense")
                    return false
                }
            }
        }
    }

    private func end(_ context: ChannelHandlerContext, _ reason: String) {
        self.reason = reason
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(context, "\(error)")
    }

    func channelInactive(context: ChannelHandlerContext) {
        greeted.fail(LinkEnded(reason: reason))
        if let worker { deliver(.disconnected(worker: worker, reason: reason)) }
        context.fireChannelInactive()
    }
}

/// A link ended before the dataplane said hello.
struct LinkEnded: Error, CustomStringConvertible {
    let reason: String

    var description: String { reason }
}
