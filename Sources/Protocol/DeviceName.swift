/// The name of a network device, as the kernel has it: 1 to 15 bytes, or empty for "none".
///
/// Sixteen bytes in place, so that a table of networks needs no memory besides its own. The names
/// allowed are the kernel's (dev_valid_name): no slash, colon or white space, not "." or "..".
public struct DeviceName: Equatable, Sendable {
    /// The name and, behind it, only NULs: at least one.
    public private(set) var bytes: InlineArray<16, UInt8>

    /// No device.
    @_noAllocation @_noLocks
    public init() {
        bytes = InlineArray(repeating: 0)
    }

    /// Reads sixteen bytes; nil, and the body refused, where they are not a name or empty.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        bytes = InlineArray(repeating: 0)
        for index in 0..<16 {
            bytes[index] = reader.u8()
        }
        guard !reader.failed, isValid() else {
            reader.fail()
            return nil
        }
    }

    /// Writes the field into an open frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter) {
        for index in 0..<16 {
            writer.put(bytes[index])
        }
    }

    /// True for "none".
    public var isEmpty: Bool {
        @_noAllocation @_noLocks get { bytes[0] == 0 }
    }

    /// Bytes of the name, without NULs.
    public var count: Int {
        @_noAllocation @_noLocks get {
            var count = 0
            while count < 16 && bytes[count] != 0 {
                count += 1
            }
            return count
        }
    }

    /// True where both say the same.
    @_noAllocation @_noLocks
    public static func == (left: DeviceName, right: DeviceName) -> Bool {
        for index in 0..<16 where left.bytes[index] != right.bytes[index] {
            return false
        }
        return true
    }

    /// The kernel's own rules; the empty name is allowed because it means "none".
    @_noAllocation @_noLocks
    private func isValid() -> Bool {
        let length = count
        if length == 16 { return false }
        for index in 0..<length {
            switch bytes[index] {
            case UInt8(ascii: "/"), UInt8(ascii: ":"), 0x09...0x0d, 0x20, 0xa0: return false
            default: continue
            }
        }
        for index in length..<16 where bytes[index] != 0 {
            return false
        }
        let dot = UInt8(ascii: ".")
        if bytes[0] == dot && (length == 1 || length == 2 && bytes[1] == dot) { return false }
        return true
    }
}
