/// The path of a Unix socket: 1 to 107 bytes that start with a slash, or empty for "none".
///
/// The bytes are in place and NUL padded, ready to be copied into a sockaddr_un (unix(7)).
public struct SocketPath: Equatable, Sendable {
    /// The path and, behind it, only NULs: at least one.
    public private(set) var bytes: InlineArray<108, UInt8>

    /// Bytes of the path, without NULs.
    public private(set) var count: Int

    /// No path.
    @_noAllocation @_noLocks
    public init() {
        bytes = InlineArray(repeating: 0)
        count = 0
    }

    /// Reads `length` bytes; nil, and the body refused, where they are not a path or empty.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader, length: Int) {
        bytes = InlineArray(repeating: 0)
        count = length
        guard length >= 0 && length <= Limits.pathMax else {
            reader.fail()
            return nil
        }
        for index in 0..<length {
            let byte = reader.u8()
            if byte == 0 || index == 0 && byte != UInt8(ascii: "/") {
                reader.fail()
                return nil
            }
            bytes[index] = byte
        }
    }

    /// Copies a path that ends with a NUL; what is longer than `Limits.pathMax` is left out.
    @_noAllocation @_noLocks
    public init(copying source: UnsafeRawPointer) {
        self.init()
        while count < Limits.pathMax {
            // SAFETY: no NUL has come before this byte.
            let byte = unsafe source.loadUnaligned(fromByteOffset: count, as: UInt8.self)
            if byte == 0 { return }
            bytes[count] = byte
            count += 1
        }
    }

    /// Writes the field into an open frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter) {
        for index in 0..<count {
            writer.put(bytes[index])
        }
    }

    /// Copies the path and its NUL into the front of `target`; nothing where they do not fit.
    ///
    /// - Returns: the bytes of the path without the NUL, or -1 where they do not fit.
    @_noAllocation @_noLocks
    public func copy(to target: UnsafeMutableRawBufferPointer) -> Int {
        guard target.count > count else { return -1 }
        for index in 0...count {
            // SAFETY: `target` has more than `count` bytes, and `count` is at most 107.
            unsafe target.storeBytes(of: bytes[index], toByteOffset: index, as: UInt8.self)
        }
        return count
    }

    /// True where both say the same.
    @_noAllocation @_noLocks
    public static func == (left: SocketPath, right: SocketPath) -> Bool {
        if left.count != right.count { return false }
        for index in 0..<left.count where left.bytes[index] != right.bytes[index] {
            return false
        }
        return true
    }
}
