import Protocol
import Testing

/// A byte stream cut into frames, however it arrives.
@Suite struct FrameReaderTests {
    private static let stream = Sample.all.flatMap(\.bytes)
    private static let events = Sample.all.map {
        Event.decoded(.message($0.message), requestID: $0.requestID)
    }

    @Test func manyFramesInOneRead() {
        let stream = Stream()
        #expect(stream.feed(Self.stream) == Self.events)
    }

    @Test func twoFramesInOneRead() {
        let stream = Stream()
        let two = Sample.all[0].bytes + Sample.all[1].bytes
        #expect(stream.feed(two) == [Event](Self.events.prefix(2)))
        #expect(stream.pending == 0)
    }

    @Test func splitAtEveryByte() {
        for split in 0...Self.stream.count {
            let stream = Stream()
            var events = stream.feed([UInt8](Self.stream.prefix(split)))
            events += stream.feed([UInt8](Self.stream.dropFirst(split)))
            if events != Self.events {
                Issue.record("split at \(split)")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 5, 7, 11, 13, 64, 100, 1_000])
    func piecesOfOneSize(_ size: Int) {
        let stream = Stream()
        #expect(stream.feed(Self.stream, size: size) == Self.events)
    }

    /// In the smallest buffer and far beyond its size, with the largest frames among small ones.
    @Test(arguments: [1_021, 4_096, 65_536, 65_540])
    func goesOnForEverInTheSmallestBuffer(_ size: Int) {
        let large = frame(0x7777, [UInt8](repeating: 1, count: Limits.bodyLengthMax))
        let small = Sample.all[8]
        var bytes: [UInt8] = []
        var expected: [Event] = []
        for round in 0..<12 {
            bytes += small.bytes
            expected.append(.decoded(.message(small.message), requestID: small.requestID))
            bytes += round % 3 == 0 ? large : frame(0x7777, [UInt8](repeating: 2, count: 30_000))
            expected.append(.decoded(.unknown(kind: 0x7777), requestID: 0))
        }
        let stream = Stream()
        #expect(stream.feed(bytes, size: size) == expected)
        #expect(stream.pending == 0)
    }

    @Test func bodiesKeepTheirBytesWhileTheyMove() {
        let stream = Stream()
        var bytes: [UInt8] = []
        for cookie in 0..<20_000 {
            bytes += Message.ping(Ping(cookie: UInt64(cookie))).frame()
        }
        let events = stream.feed(bytes, size: 777)
        let expected = (0..<20_000).map {
            Event.decoded(.message(.ping(Ping(cookie: UInt64($0)))), requestID: 0)
        }
        #expect(events == expected)
    }

    @Test func theLargestFrame() {
        let stream = Stream()
        let bytes = frame(0x7777, [UInt8](repeating: 1, count: Limits.bodyLengthMax))
        #expect(bytes.count == Limits.frameBytesMax)
        #expect(stream.feed(bytes) == [.decoded(.unknown(kind: 0x7777), requestID: 0)])
    }

    @Test func unknownKindsAreSkipped() {
        let stream = Stream()
        let bytes = frame(0x0fff, [1, 2, 3], requestID: 4) + Sample.all[0].bytes
        #expect(
            stream.feed(bytes) == [
                .decoded(.unknown(kind: 0x0fff), requestID: 4), Self.events[0],
            ])
    }

    /// Four bytes are enough to know, and nothing behind them is read.
    @Test(arguments: [UInt32](0...7))
    func lengthsBelowTheLimit(_ length: UInt32) {
        let stream = Stream()
        let bytes = bigEndian(length) + Sample.all[0].bytes
        #expect(stream.feed(bytes, size: 4) == [.malformed(.frameTooShort)])
    }

    @Test func lengthsBeyondTheLimit() {
        var lengths = [UInt32](65_537...70_000)
        lengths += (17..<32).flatMap { [UInt32(1) << $0, UInt32(1) << $0 | 12] }
        lengths += [UInt32.max - 4, UInt32.max - 3, .max - 1, .max, 0x8000_0000, 0x7fff_ffff]
        let stream = Stream()
        for length in lengths {
            stream.reset()
            if stream.feed(bigEndian(length)) != [.malformed(.frameTooLong)] {
                Issue.record("length \(length)")
            }
        }
    }

    @Test func lengthsInRangeWait() {
        let stream = Stream()
        for length in UInt32(8)...65_536 {
            stream.reset()
            if !stream.feed(bigEndian(length)).isEmpty {
                Issue.record("length \(length)")
            }
        }
    }

    @Test func goodFramesBeforeABadOneAreDelivered() {
        let stream = Stream()
        let bytes = Sample.all[0].bytes + bigEndian(UInt32(3)) + Sample.all[1].bytes
        #expect(stream.feed(bytes) == [Self.events[0], .malformed(.frameTooShort)])
    }

    @Test func aBrokenStreamStaysBroken() {
        let stream = Stream()
        #expect(stream.feed(bigEndian(UInt32.max)) == [.malformed(.frameTooLong)])
        #expect(stream.feed(Sample.all[0].bytes) == [.malformed(.frameTooLong)])
    }

    @Test func resetIsForANewLink() {
        let memory = Memory(Limits.frameBytesMax)
        var reader = unsafe FrameReader(memory.buffer)
        unsafe reader.freeSpace().copyBytes(from: [0, 0, 0, 0, 0])
        reader.advance(by: 5)
        guard case .malformed = reader.next() else {
            Issue.record("length 0 is malformed")
            return
        }
        reader.reset()
        #expect(reader.pending == 0)
        guard case .needMore = reader.next() else {
            Issue.record("a reader that was reset is empty")
            return
        }
    }

    /// A read of zero bytes means that the peer is gone, so there must always be room for one.
    @Test func freeSpaceIsNeverEmptyBetweenFrames() {
        let large = frame(0x7777, [UInt8](repeating: 1, count: Limits.bodyLengthMax))
        let memory = Memory(Limits.frameBytesMax)
        for lead in 0...40 {
            var reader = unsafe FrameReader(memory.buffer)
            let first = frame(0x7777, [UInt8](repeating: 0, count: lead))
            var rest = (first + large)[...]
            while !rest.isEmpty {
                let space = unsafe reader.freeSpace()
                #expect(space.count > 0, "after \(lead) bytes")
                if space.count == 0 { return }
                let piece = rest.prefix(space.count)
                unsafe space.copyBytes(from: piece)
                reader.advance(by: piece.count)
                rest = rest.dropFirst(piece.count)
                while case .frame = reader.next() {}
            }
            #expect(reader.pending == 0)
        }
    }

    @Test func reasonsAreInWords() {
        let reasons = [Malformation.frameTooShort, .frameTooLong, .body, .outOfPlace].map {
            $0.reason.description
        }
        #expect(Set(reasons).count == 4)
        #expect(reasons[1].contains("\(Limits.frameLengthMax)"))
    }

    @Test func aBufferTooSmallIsAnErrorInTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let memory = Memory(Limits.frameBytesMax - 1)
            _ = unsafe FrameReader(memory.buffer)
        }
    }

    @Test func moreBytesThanRoomIsAnErrorInTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let memory = Memory(Limits.frameBytesMax)
            var reader = unsafe FrameReader(memory.buffer)
            reader.advance(by: Limits.frameBytesMax + 1)
        }
        await #expect(processExitsWith: .failure) {
            let memory = Memory(Limits.frameBytesMax)
            var reader = unsafe FrameReader(memory.buffer)
            reader.advance(by: -1)
        }
    }
}
