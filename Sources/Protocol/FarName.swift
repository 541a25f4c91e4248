/// The name of a host that the far side looks up: 1 to 255 bytes of letters, digits, dots, hyphens
/// and underscores, or empty for "none".
public struct FarName: Equatable, Sendable {
    /// The name and, behind it, only NULs.
    public private(set) var bytes: InlineArray<256, UInt8>

    /// Bytes of the name.
    public private(set) var count: Int

    /// No name.
    @_noAllocation @_noLocks
    public init() {
        bytes = InlineArray(repeating: 0)
        count = 0
    }

    /// Reads `length` bytes; nil, and the body refused, where they are not a name or empty.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader, length: Int) {
        bytes = InlineArray(repeating: 0)
        count = length
        guard length >= 0 && length <= Limits.farNameMax else {
            reader.fail()
            return nil
        }
        for index in 0..<length {
            let byte = reader.u8()
            guard FarName.allows(byte) else {
                reader.fail()
                return nil
            }
            bytes[index] = byte
        }
    }

    /// Writes the name into an open frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter) {
        for index in 0..<count {
            writer.put(bytes[index])
        }
    }

    /// True where both say the same.
    @_noAllocation @_noLocks
    public static func == (left: FarName, right: FarName) -> Bool {
        if left.count != right.count { return false }
        for index in 0..<left.count where left.bytes[index] != right.bytes[index] {
            return false
        }
        return true
    }

    @_noAllocation @_noLocks
    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
