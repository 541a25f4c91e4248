import Protocol

/// Memory for a reader or writer, freed with the test.
@safe
final class Memory {
    let buffer: UnsafeMutableRawBufferPointer

    init(_ count: Int) {
        unsafe buffer = .allocate(byteCount: count, alignment: 1)
        unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0xee)
    }

    deinit { unsafe buffer.deallocate() }

    /// The first `count` bytes.
    func bytes(_ count: Int) -> [UInt8] {
        unsafe [UInt8](buffer.prefix(count))
    }
}

/// Hexadecimal digits to bytes; spaces and line ends do not count.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}

/// The bytes of a frame, whatever its kind and body.
func frame(_ kind: UInt16, _ body: [UInt8], requestID: UInt32 = 0) -> [UInt8] {
    bigEndian(UInt32(body.count + 8)) + bigEndian(kind) + [0, 0] + bigEndian(requestID) + body
}

func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    stride(from: value.bitWidth - 8, through: 0, by: -8).map {
        UInt8(truncatingIfNeeded: value >> $0)
    }
}

/// What came out of a stream.
enum Event: Equatable {
    case decoded(DecodedMessage, requestID: UInt32)
    case malformed(Malformation)
}

/// A reader with its memory, which hands out events.
final class Stream {
    private let memory: Memory
    private var reader: FrameReader

    init(capacity: Int = Limits.frameBytesMax) {
        memory = Memory(capacity)
        reader = unsafe FrameReader(memory.buffer)
    }

    /// Gives the bytes in pieces of at most `size`, and takes all events after each.
    func feed(_ bytes: [UInt8], size: Int = .max) -> [Event] {
        var events: [Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let space = unsafe reader.freeSpace()
            let piece = rest.prefix(min(size, space.count))
            if piece.isEmpty { return events }
            unsafe space.copyBytes(from: piece)
            reader.advance(by: piece.count)
            rest = rest.dropFirst(piece.count)
            events += drain()
            if case .malformed? = events.last { return events }
        }
        return events
    }

    private func drain() -> [Event] {
        var events: [Event] = []
        while true {
            switch reader.next() {
            case .needMore:
                return events
            case .malformed(let malformation):
                return events + [.malformed(malformation)]
            case .frame(let header, let body):
                let decoded = Message.decode(header, body)
                events.append(.decoded(decoded, requestID: header.requestID))
            }
        }
    }

    /// Forgets everything, as for a new link.
    func reset() { reader.reset() }

    var pending: Int { reader.pending }
}

/// What a body decodes to, as the body of a frame of this kind.
func decode(_ kind: Kind, _ body: [UInt8]) -> DecodedMessage {
    let header = FrameHeader(
        length: UInt32(body.count + 8), kind: kind.rawValue, flags: 0, requestID: 0)
    return unsafe body.withUnsafeBytes { unsafe Message.decode(header, BodyReader($0)) }
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
