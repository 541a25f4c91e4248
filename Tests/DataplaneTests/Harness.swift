import CLinux
import Glibc
import Protocol

@testable import dataplane

/// A worker between a doorbell and a controlplane that are the test's: pairs of sockets stand for
/// the TUN device and the link. The clock is the worker's `now`, which only `turn` moves.
@safe
final class Harness {
    var worker: Worker
    /// The kernel's side of the doorbell and the controlplane's side of the link.
    private let bell: Int32
    private let peer: Int32
    private var stream: FrameReader
    private let memory = UnsafeMutableRawBufferPointer.allocate(
        byteCount: Limits.frameBytesMax, alignment: 1)

    /// A link that was greeted and a table that was committed.
    init(
        _ networks: [NetworkSettings], prefixes: [PrefixEntry], filters: [PacketRules] = [],
        crew: Crew = Crew(count: 1), index: Int = 0
    ) {
        // Several look at the numbers of descriptors, which here are those of other tests, too.
        let sizing = Sizing(descriptors: crew.count > 1 ? 20_000 : 256, workers: crew.count)
        worker = Worker(Sockets(), sizing: sizing, crew: crew, index: index)
        let doorbell = Self.pair(SOCK_SEQPACKET)
        let link = Self.pair(SOCK_STREAM)
        bell = doorbell.0
        peer = link.0
        stream = FrameReader(memory)
        worker.link.open(link.1)
        tell(.hello(Hello()))
        tell(.device(Device(queues: 1)), descriptors: [doorbell.1])
        close(doorbell.1)
        let table = TableFrames(
            generation: 1, networks: networks, prefixes: prefixes, filters: filters)
        for message in table.messages { tell(message) }
    }

    deinit {
        for descriptor in [bell, peer, worker.tun, worker.epoll, worker.spare, worker.rawSocket] {
            if descriptor >= 0 { close(descriptor) }
        }
        worker.link.close()
        for slot in 0..<UInt32(worker.pipes.count) {
            close(worker.pipes.slots[slot + 1].read)
            close(worker.pipes.slots[slot + 1].write)
        }
        memory.deallocate()
    }

    /// Says something as the controlplane.
    func tell(_ message: Message, requestID: UInt32 = 0, descriptors: [Int32] = []) {
        let bytes = message.frame(requestID: requestID)
        let sent = cl_send(peer, bytes, bytes.count, descriptors, Int32(descriptors.count))
        precondition(sent == bytes.count)
        worker.linkIsReady(UInt32(DP_READ.rawValue), worker.link.generation)
        if worker.needsPump { worker.pump() }
    }

    /// What the controlplane has heard since it was last asked.
    func heard() -> [Message] {
        worker.flushLink()
        var messages: [Message] = []
        while true {
            let space = stream.freeSpace()
            let count = read(peer, space.baseAddress, space.count)
            if count <= 0 { return messages }
            stream.advance(by: count)
            while case .frame(let header, let body) = stream.next() {
                if case .message(let message) = Message.decode(header, body) {
                    messages.append(message)
                }
            }
        }
    }

    /// A packet reaches the doorbell, and whoever waits takes turns afterwards.
    func ring(_ packet: [UInt8], takesTurns: Bool = true) {
        precondition(write(bell, packet, packet.count) == packet.count)
        worker.doorbellRang()
        if takesTurns && worker.needsPump { worker.pump() }
    }

    /// The packets that were written to the doorbell since it was last asked.
    func written() -> [[UInt8]] {
        var packets: [[UInt8]] = []
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = read(bell, &bytes, bytes.count)
            if count <= 0 { return packets }
            packets.append(Array(bytes.prefix(count)))
        }
    }

    /// Passes of the loop until the condition holds; false if it does not in five seconds.
    func turn(until holds: () -> Bool) -> Bool {
        for _ in 0..<500 {
            if holds() { return true }
            worker.turn(waiting: 10)
        }
        return holds()
    }

    func state(_ network: UInt32, _ state: NetworkState.State, requestID: UInt32 = 0) {
        let cause: NetworkState.Cause = state == .refusing ? .unreachable : .none
        tell(
            .networkState(NetworkState(network: network, state: state, cause: cause)),
            requestID: requestID)
    }

    private static func pair(_ kind: __socket_type) -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(kind.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        precondition(socketpair(AF_UNIX, type, 0, &ends) == 0)
        // Room for a burst that nobody reads meanwhile.
        var room: Int32 = 212_992
        for end in ends {
            setsockopt(end, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        }
        return (ends[0], ends[1])
    }
}

/// A socket that neither blocks nor outlives an exec.
func newSocket(_ family: Int32, _ kind: __socket_type, _ ipProtocol: Int32 = 0) -> Int32 {
    let flags = SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    return socket(family, Int32(kind.rawValue | flags), ipProtocol)
}
