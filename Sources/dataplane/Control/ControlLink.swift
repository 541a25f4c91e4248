internal import CLinux
internal import Protocol

/// The link to the controlplane: its descriptor, the bytes on their way in and out, and the
/// descriptors that came along.
struct ControlLink {
    /// Frames out that may wait for a slow reader. What does not fit ends the link: the next one
    /// starts with a snapshot, so nothing that matters is lost.
    private static let outLength = 1 << 20
    /// Records are dropped, and counted, beyond this, to leave room for what must not be lost.
    private static let recordsMax = 512 << 10
    private static let patientMax = 32 << 10
    private static let inLength = 128 << 10
    static let descriptorsMax: Int32 = 16

    private(set) var descriptor: Int32 = -1
    /// For stale events.
    private(set) var generation: UInt32 = 0
    var isGreeted = false
    var reader: FrameReader
    var writer: FrameWriter
    private let outBytes: Slab<UInt8>
    private var sent = 0
    /// Bytes of records at the front of what is queued: they wait for company.
    private var patient = 0
    private let received: Slab<Int32>
    private var receivedCount: Int32 = 0

    init() {
        let inBytes = Slab<UInt8>(count: Self.inLength)
        outBytes = Slab(count: Self.outLength)
        received = Slab(count: Int(Self.descriptorsMax))
        // SAFETY: slabs are never unmapped.
        reader = unsafe FrameReader(
            UnsafeMutableRawBufferPointer(start: inBytes.pointer(to: 0), count: Self.inLength))
        writer = unsafe FrameWriter(
            UnsafeMutableRawBufferPointer(start: outBytes.pointer(to: 0), count: Self.outLength))
    }

    var isOpen: Bool { @_noAllocation @_noLocks get { descriptor >= 0 } }

    /// True while a record may still be queued.
    var hasRoomForRecord: Bool {
        @_noAllocation @_noLocks get { isOpen && writer.count < Self.recordsMax }
    }

    /// True while something is queued that must not wait, or more than is good for one read.
    var isDue: Bool {
        @_noAllocation @_noLocks get {
            writer.count > patient || writer.overflowed || patient > Self.patientMax
        }
    }

    /// Queues a record, which waits for the next frame that is due: at most until the next report
    /// of its network's activity.
    @_noAllocation @_noLocks
    mutating func queue(_ record: ConnectionRecord) {
        let isFirst = writer.count == patient && sent == 0
        record.encode(into: &writer, requestID: 0)
        if isFirst { patient = writer.count }
    }

    /// Takes a new link; one that was open is closed.
    @_noAllocation @_noLocks
    mutating func open(_ descriptor: Int32) {
        close()
        self.descriptor = descriptor
        generation &+= 1
    }

    @_noAllocation @_noLocks
    mutating func close() {
        guard isOpen else { return }
        _ = dp_close(descriptor)
        descriptor = -1
        isGreeted = false
        sent = 0
        patient = 0
        reader.reset()
        writer.reset()
        while receivedCount > 0 { _ = dp_close(takeDescriptor()) }
    }

    /// Reads what has come; false once the peer is gone. Call until it returns nil: nothing is left
    /// to read.
    @_noAllocation @_noLocks
    mutating func receive() -> Bool? {
        let space = unsafe reader.freeSpace()
        var count: Int32 = 0
        let slot = UInt32(receivedCount)
        guard let base = space.baseAddress, receivedCount < Self.descriptorsMax else {
            return false
        }
        let length = unsafe dp_receive(
            descriptor, base, space.count, received.pointer(to: slot),
            Self.descriptorsMax - receivedCount, &count)
        receivedCount += count
        if length == Int(DP_EAGAIN.rawValue) || length == Int(DP_EINTR.rawValue) { return nil }
        guard length > 0 else { return false }
        reader.advance(by: length)
        return true
    }

    /// The oldest descriptor that came along, or -1.
    @_noAllocation @_noLocks
    mutating func takeDescriptor() -> Int32 {
        guard receivedCount > 0 else { return -1 }
        let first = received[0]
        var index: UInt32 = 1
        while index < UInt32(receivedCount) {
            received[index - 1] = received[index]
            index += 1
        }
        receivedCount -= 1
        return first
    }

    /// Sends what is queued, as far as the socket takes it; false if the link must end.
    @_noAllocation @_noLocks
    mutating func flush() -> Bool {
        guard isOpen else { return true }
        if writer.overflowed { return false }
        patient = 0
        while sent < writer.count {
            let length = unsafe dp_send(
                descriptor, outBytes.pointer(to: UInt32(sent)), writer.count - sent)
            if length == Int(DP_EAGAIN.rawValue) { return true }
            guard length > 0 else { return false }
            sent += length
        }
        sent = 0
        writer.reset()
        return true
    }
}
