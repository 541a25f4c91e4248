internal import CLinux
internal import Protocol

/// Connections on their way to the next process: one message on the shelf, of whole frames beside the
/// descriptors that belong to them. Either being filled, or being emptied.
struct Parcel {
    private let bytes: Slab<UInt8>
    private let descriptors: Slab<Int32>
    private var descriptorCount: Int32 = 0
    /// The first descriptor that nobody has taken yet.
    private var descriptorNext: Int32 = 0
    private var writer: FrameWriter
    private var reader: FrameReader
    /// Connections and SYNs in it, and the connections among them.
    private(set) var count = 0
    private(set) var connections = 0

    init() {
        bytes = Slab(count: Limits.frameBytesMax)
        descriptors = Slab(count: Limits.parcelDescriptorsMax)
        // SAFETY: slabs are never unmapped, and one of the two has nothing to do with the memory.
        writer = unsafe FrameWriter(
            UnsafeMutableRawBufferPointer(start: bytes.pointer(to: 0), count: Limits.frameBytesMax))
        reader = unsafe FrameReader(
            UnsafeMutableRawBufferPointer(start: bytes.pointer(to: 0), count: Limits.frameBytesMax))
    }

    var isFull: Bool {
        @_noAllocation @_noLocks get { count == Limits.parcelMax }
    }

    // MARK: - Filling

    @_noAllocation @_noLocks
    mutating func add(_ connection: KeptConnection) {
        connection.encode(into: &writer, requestID: 0)
        count += 1
        connections += 1
    }

    @_noAllocation @_noLocks
    mutating func add(_ syn: KeptSYN) {
        syn.encode(into: &writer, requestID: 0)
        count += 1
    }

    /// The next descriptor of the connection that was added last.
    @_noAllocation @_noLocks
    mutating func add(_ descriptor: Int32) {
        descriptors[UInt32(descriptorCount)] = descriptor
        descriptorCount += 1
    }

    /// Leaves it on the shelf, and is empty again; -errno where there is no room for it.
    @_noAllocation @_noLocks
    mutating func leave(on shelf: Int32) -> Int {
        let result = unsafe dp_leave(
            shelf, bytes.pointer(to: 0), writer.count, descriptors.pointer(to: 0), descriptorCount)
        writer.reset()
        descriptorCount = 0
        count = 0
        connections = 0
        return result
    }

    // MARK: - Emptying

    /// Takes one from the shelf; false where none is left. The one before must be empty.
    @_noAllocation @_noLocks
    mutating func take(from shelf: Int32) -> Bool {
        reader.reset()
        descriptorNext = 0
        let space = unsafe reader.freeSpace()
        guard let base = space.baseAddress else { return false }
        let length = unsafe dp_receive(
            shelf, base, space.count, descriptors.pointer(to: 0),
            Int32(truncatingIfNeeded: Limits.parcelDescriptorsMax), &descriptorCount)
        // Descriptors beside no bytes are nobody's, and to be closed.
        guard length > 0 || descriptorCount > 0 else { return false }
        reader.advance(by: max(0, length))
        return true
    }

    /// What lies in it.
    enum Item {
        case connection(KeptConnection)
        case syn(KeptSYN)
    }

    /// The next item; nil after the last, or before one that makes no sense.
    @_noAllocation @_noLocks
    mutating func next() -> Item? {
        guard case .frame(let header, var body) = reader.next() else { return nil }
        switch header.knownKind {
        case .keptConnection?:
            guard let kept = KeptConnection(decoding: &body) else { return nil }
            return .connection(kept)
        case .keptSYN?:
            guard let kept = KeptSYN(decoding: &body) else { return nil }
            return .syn(kept)
        default: return nil
        }
    }

    /// The next descriptor; -1 where too few have come, or all are taken: it is empty then.
    @_noAllocation @_noLocks
    mutating func takeDescriptor() -> Int32 {
        guard descriptorNext < descriptorCount else {
            descriptorNext = 0
            descriptorCount = 0
            return -1
        }
        let descriptor = descriptors[UInt32(descriptorNext)]
        descriptorNext += 1
        // Whoever left it may have been captured, and the loop must never wait for it.
        dp_never_blocks(descriptor)
        return descriptor
    }
}
