import Protocol
import Testing

/// The limits agree with each other.
@Suite struct LimitsTests {
    @Test func arithmetic() {
        #expect(Limits.frameBytesMax == Limits.frameLengthMax + Limits.lengthFieldLength)
        #expect(Limits.headerLength == Limits.frameLengthMin + Limits.lengthFieldLength)
        #expect(Limits.bodyLengthMax == Limits.frameBytesMax - Limits.headerLength)
        #expect(Limits.networksPerChunkMax == (Limits.bodyLengthMax - 2) / Limits.networkLength)
        #expect(Limits.prefixesPerChunkMax == (Limits.bodyLengthMax - 2) / Limits.prefixLength)
        #expect(Limits.deviceNameLength == 16)
        let address: [UInt32] = [127, 118, 112, 110]
        #expect(Limits.loopback == address.reduce(0) { $0 << 8 | $1 })
        #expect(Limits.pathMax == 107)
        // Two sockets and two pipes each; SCM_MAX_FD of unix(7).
        #expect(Limits.parcelDescriptorsMax == 4 * Limits.parcelMax)
        #expect(Limits.parcelDescriptorsMax <= 253)
    }

    @Test func helloCarriesTheVersion() {
        let hello = Hello()
        #expect(hello.major == Limits.versionMajor)
        #expect(hello.minor == Limits.versionMinor)
        #expect(hello.features == Limits.features)
        #expect(hello.isCompatible)
        #expect(!Hello(major: 2, minor: 0, features: 0).isCompatible)
        #expect(Hello(major: 1, minor: 99, features: .max).isCompatible)
        #expect(DataplaneHello(pid: 1).isCompatible)
        #expect(!DataplaneHello(major: 0, minor: 0, features: 0, pid: 1).isCompatible)
    }
}
