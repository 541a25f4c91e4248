import Glibc

// libFuzzer's driver for the frame reader, the frame writer and every decoder. It is compiled into
// one module with Sources/Protocol (see `run`), and a finding is a trap, an address error, or one
// of the claims below that does not hold.
//
// Input: the first byte chooses.
//   0x00...0x7f  the rest is a stream; it is read at once, and again in pieces of this size plus one
//   0x80...0xff  two bytes of kind and a body; the low seven bits pick room for a writer

/// Stops the fuzzer with words where a claim does not hold.
func claim(_ holds: Bool, _ words: StaticString) {
    if !holds { fatalError("\(words)") }
}

/// Memory of a known size, so that the address sanitizer sees every step outside it.
func withCopy<T>(of bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> T) -> T {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyMemory(from: bytes)
    return body(UnsafeRawBufferPointer(copy))
}

/// What one frame said, for comparing two readings of a stream.
struct Reading: Equatable {
    var frames: [FrameHeader] = []
    var messages: [DecodedMessage] = []
    var malformation: Malformation?
    var pending = 0
}

// SAFETY: libFuzzer calls the driver from one thread.
nonisolated(unsafe) let readerMemory = UnsafeMutableRawBufferPointer.allocate(
    byteCount: Limits.frameBytesMax, alignment: 1)

func read(_ stream: UnsafeRawBufferPointer, pieceSize: Int) -> Reading {
    var reading = Reading()
    var reader = FrameReader(readerMemory)
    var rest = stream[...]
    while !rest.isEmpty {
        let space = reader.freeSpace()
        claim(space.count > 0, "no room though every frame was taken")
        let piece = rest.prefix(min(pieceSize, space.count))
        space.copyMemory(from: UnsafeRawBufferPointer(rebasing: piece))
        reader.advance(by: piece.count)
        rest = rest.dropFirst(piece.count)
        take(&reader, into: &reading)
        if reading.malformation != nil { return reading }
    }
    reading.pending = reader.pending
    claim(reading.pending < Limits.frameBytesMax, "a whole frame is left behind")
    return reading
}

func take(_ reader: inout FrameReader, into reading: inout Reading) {
    while true {
        switch reader.next() {
        case .needMore:
            return
        case .malformed(let malformation):
            reading.malformation = malformation
            return
        case .frame(let header, let body):
            claim(body.remaining == header.bodyLength, "the body is not as long as the header says")
            claim(body.remaining <= Limits.bodyLengthMax, "a body beyond the limit")
            reading.frames.append(header)
            reading.messages.append(Message.decode(header, body))
        }
    }
}

/// What a decoder accepts it would also send, in the same bytes.
func checkBody(_ number: UInt16, _ body: UnsafeRawBufferPointer, room: Int) {
    let header = FrameHeader(
        length: UInt32(body.count + 8), kind: number, flags: 0, requestID: 0)
    let decoded = withCopy(of: body) { Message.decode(header, BodyReader($0)) }
    guard case .message(let message) = decoded else { return }
    let frame = message.frame(requestID: 7)
    claim(!frame.isEmpty, "a message that was received does not fit in a frame")
    let again = frame.dropFirst(Limits.headerLength)
    switch message.kind {
    case .hello, .dataplaneHello, .statistics: break
    default: claim(again.elementsEqual(body), "other bytes than were received")
    }
    let second = frame.withUnsafeBytes {
        Message.decode(header, BodyReader(UnsafeRawBufferPointer(rebasing: $0.dropFirst(12))))
    }
    claim(second == decoded, "another meaning than was received")
    checkWriter(message, frame, room: room)
}

/// A writer fills its room with whole frames and no more.
func checkWriter(_ message: Message, _ frame: [UInt8], room: Int) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
    defer { memory.deallocate() }
    var writer = FrameWriter(memory)
    for _ in 0..<3 {
        message.encode(into: &writer, requestID: 7)
    }
    let fit = min(3, room / frame.count)
    claim(writer.count == fit * frame.count, "not as many frames as fit")
    claim(writer.overflowed == (fit < 3), "overflow without an overflow, or the other way round")
    for index in 0..<fit {
        let written = memory[index * frame.count..<(index + 1) * frame.count]
        claim(written.elementsEqual(frame), "frames differ by their place")
    }
}

/// One input: libFuzzer counts the branches it reaches and makes the next one from it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: data, count: size)
    guard let choice = input.first else { return 0 }
    let rest = UnsafeRawBufferPointer(rebasing: input.dropFirst())
    if choice & 0x80 == 0 {
        let whole = withCopy(of: rest) { read($0, pieceSize: .max) }
        let pieces = withCopy(of: rest) { read($0, pieceSize: Int(choice) + 1) }
        claim(whole == pieces, "a stream says something else in pieces")
    } else if rest.count >= 2 && rest.count - 2 <= Limits.bodyLengthMax {
        let number = UInt16(rest[0]) << 8 | UInt16(rest[1])
        checkBody(
            number, UnsafeRawBufferPointer(rebasing: rest.dropFirst(2)),
            room: Int(choice & 0x7f) * 4)
    }
    return 0
}

/// Writes the seeds before the fuzzer reads its corpus, where `DVPN_FUZZ_SEEDS` names a directory.
@_cdecl("LLVMFuzzerInitialize")
public func fuzzInitialize(_ count: UnsafeMutableRawPointer?, _ words: UnsafeMutableRawPointer?)
    -> CInt
{
    guard let directory = getenv("DVPN_FUZZ_SEEDS") else { return 0 }
    for (index, seed) in seeds().enumerated() {
        let path = String(cString: directory) + "/seed-\(index)"
        guard let file = fopen(path, "w") else { fatalError("cannot write \(path)") }
        fwrite(seed, 1, seed.count, file)
        fclose(file)
    }
    return 0
}
