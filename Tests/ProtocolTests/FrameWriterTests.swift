import Protocol
import Testing

/// Frames into memory of every size.
@Suite struct FrameWriterTests {
    @Test(arguments: Sample.all)
    func overflowAtEverySize(_ sample: Sample) {
        for room in 0..<sample.bytes.count {
            let memory = Memory(room)
            var writer = unsafe FrameWriter(memory.buffer)
            sample.message.encode(into: &writer, requestID: sample.requestID)
            #expect(writer.overflowed)
            #expect(writer.count == 0)
        }
        let memory = Memory(sample.bytes.count)
        var writer = unsafe FrameWriter(memory.buffer)
        sample.message.encode(into: &writer, requestID: sample.requestID)
        #expect(!writer.overflowed)
        #expect(memory.bytes(writer.count) == sample.bytes)
    }

    @Test(arguments: Sample.all)
    func theFrameBeforeStays(_ sample: Sample) {
        let first = Sample.all[8]
        for room in first.bytes.count..<first.bytes.count + sample.bytes.count {
            let memory = Memory(room)
            var writer = unsafe FrameWriter(memory.buffer)
            first.message.encode(into: &writer, requestID: first.requestID)
            sample.message.encode(into: &writer, requestID: sample.requestID)
            #expect(writer.overflowed)
            #expect(memory.bytes(writer.count) == first.bytes)
        }
    }

    /// A smaller frame behind one that did not fit would leave a hole in the stream.
    @Test func overflowIsSticky() {
        let memory = Memory(20)
        var writer = unsafe FrameWriter(memory.buffer)
        writer.begin(.statistics, flags: 0, requestID: 0)
        writer.put(UInt64(1))
        writer.put(UInt64(1))
        #expect(writer.end() == 0)
        Ping(cookie: 1).encode(into: &writer, requestID: 0)
        #expect(writer.overflowed)
        #expect(writer.count == 0)
        writer.reset()
        #expect(!writer.overflowed)
        Ping(cookie: 1).encode(into: &writer, requestID: 0)
        #expect(writer.count == 20)
    }

    @Test func endSaysHowManyBytesAreWholeFrames() {
        let memory = Memory(100)
        var writer = unsafe FrameWriter(memory.buffer)
        writer.begin(.ping, flags: 0, requestID: 0)
        #expect(writer.count == 0)
        writer.put(UInt64(1))
        #expect(writer.count == 0)
        #expect(writer.end() == 20)
        #expect(writer.count == 20)
        writer.begin(.ping, flags: 0x0102, requestID: 0xa0b0_c0d0)
        #expect(writer.count == 20)
        writer.put(UInt64(2))
        #expect(writer.end() == 40)
        let second = hex("00000010 0020 0102 a0b0c0d0 0000000000000002")
        #expect([UInt8](memory.bytes(40).suffix(20)) == second)
    }

    @Test func everyWidthIsBigEndian() {
        let memory = Memory(100)
        var writer = unsafe FrameWriter(memory.buffer)
        writer.beginRaw(0x7777, flags: 0, requestID: 0)
        writer.put(UInt8(0x01))
        writer.put(UInt16(0x0203))
        writer.put(UInt32(0x0405_0607))
        writer.put(UInt64(0x0809_0a0b_0c0d_0e0f))
        writer.put(Address(ipv4: 0x1011_1213))
        unsafe [0x14, 0x15].withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
            unsafe writer.putBytes(UnsafeRawBufferPointer(rebasing: bytes[0..<1]))
        }
        unsafe writer.putBytes(UnsafeRawBufferPointer(start: nil, count: 0))
        writer.end()
        let expected = hex(
            """
            00000028 7777 0000 00000000 01 0203 04050607 08090a0b0c0d0e0f
            10111213000000000000000000000000 14
            """)
        #expect(memory.bytes(writer.count) == expected)
    }

    /// The frame's own limit holds in a buffer that has room for more.
    @Test func framesBeyondTheLimit() {
        let memory = Memory(2 * Limits.frameBytesMax)
        for (length, fits) in [(Limits.bodyLengthMax, true), (Limits.bodyLengthMax + 1, false)] {
            let body = [UInt8](repeating: 7, count: length)
            var writer = unsafe FrameWriter(memory.buffer)
            writer.beginRaw(1, flags: 0, requestID: 0)
            unsafe body.withUnsafeBytes { unsafe writer.putBytes($0) }
            writer.end()
            #expect(writer.overflowed == !fits)
            #expect(writer.count == (fits ? Limits.frameBytesMax : 0))

            writer.reset()
            writer.beginRaw(1, flags: 0, requestID: 0)
            for byte in body {
                writer.put(byte)
            }
            writer.end()
            #expect(writer.overflowed == !fits)
        }
    }

    @Test func noMemoryAtAll() {
        var writer = unsafe FrameWriter(UnsafeMutableRawBufferPointer(start: nil, count: 0))
        Ping(cookie: 1).encode(into: &writer, requestID: 0)
        #expect(writer.overflowed)
        #expect(writer.count == 0)
    }

    @Test func aFrameInsideAnotherIsAnErrorInTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let memory = Memory(100)
            var writer = unsafe FrameWriter(memory.buffer)
            writer.begin(.ping, flags: 0, requestID: 0)
            writer.begin(.ping, flags: 0, requestID: 0)
        }
    }

    @Test func bytesOutsideAFrameAreAnErrorInTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let memory = Memory(100)
            var writer = unsafe FrameWriter(memory.buffer)
            writer.put(UInt8(1))
        }
        await #expect(processExitsWith: .failure) {
            let memory = Memory(100)
            var writer = unsafe FrameWriter(memory.buffer)
            writer.end()
        }
    }
}
