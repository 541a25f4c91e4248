// SAFETY: every load is preceded by `take`, which checks the position against the buffer.

/// Reads the fields of one body, front to back.
///
/// Failure is sticky: past the end, or after `fail()`, every field reads as zero and `isComplete` is
/// false, so a decoder reads all its fields and asks once. The bytes belong to the caller and must
/// outlive the reader.
@safe
public struct BodyReader {
    private let bytes: UnsafeRawBufferPointer

    /// Bytes of the body.
    private let length: Int

    /// Where the next field starts.
    private var position = 0

    /// True once a field was missing or a decoder refused one.
    public private(set) var failed = false

    /// A reader at the start of `bytes`, which is a body without its header.
    @_noAllocation @_noLocks
    public init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.bytes = unsafe bytes
        length = bytes.count
    }

    /// Bytes not read yet.
    public var remaining: Int {
        @_noAllocation @_noLocks get { length - position }
    }

    /// True where every byte was read and nothing failed.
    public var isComplete: Bool {
        @_noAllocation @_noLocks get { !failed && position == length }
    }

    /// Refuses the body: a field has a value that its layout does not allow.
    @_noAllocation @_noLocks
    public mutating func fail() {
        failed = true
    }

    /// The next byte.
    @_noAllocation @_noLocks
    public mutating func u8() -> UInt8 {
        guard take(1) else { return 0 }
        // SAFETY: `take` found one byte before `position`.
        return unsafe bytes.loadUnaligned(fromByteOffset: position - 1, as: UInt8.self)
    }

    /// The next two bytes, big-endian.
    @_noAllocation @_noLocks
    public mutating func u16() -> UInt16 {
        guard take(2) else { return 0 }
        // SAFETY: `take` found two bytes before `position`.
        let raw = unsafe bytes.loadUnaligned(fromByteOffset: position - 2, as: UInt16.self)
        return UInt16(bigEndian: raw)
    }

    /// The next four bytes, big-endian.
    @_noAllocation @_noLocks
    public mutating func u32() -> UInt32 {
        guard take(4) else { return 0 }
        // SAFETY: `take` found four bytes before `position`.
        let raw = unsafe bytes.loadUnaligned(fromByteOffset: position - 4, as: UInt32.self)
        return UInt32(bigEndian: raw)
    }

    /// The next eight bytes, big-endian.
    @_noAllocation @_noLocks
    public mutating func u64() -> UInt64 {
        guard take(8) else { return 0 }
        // SAFETY: `take` found eight bytes before `position`.
        let raw = unsafe bytes.loadUnaligned(fromByteOffset: position - 8, as: UInt64.self)
        return UInt64(bigEndian: raw)
    }

    /// A byte that says 4 or 6; anything else fails, and reads as IPv4.
    @_noAllocation @_noLocks
    public mutating func family() -> Family {
        guard let family = Family(wire: u8()) else {
            failed = true
            return .ipv4
        }
        return family
    }

    /// Sixteen bytes; of an IPv4 address the last twelve must be zero.
    @_noAllocation @_noLocks
    public mutating func address(_ family: Family) -> Address {
        let address = Address(high: u64(), low: u64())
        if !address.isValid(family) {
            failed = true
        }
        return address
    }

    /// One byte that must be zero.
    @_noAllocation @_noLocks
    public mutating func reserved8() {
        if u8() != 0 { failed = true }
    }

    /// Two bytes that must be zero.
    @_noAllocation @_noLocks
    public mutating func reserved16() {
        if u16() != 0 { failed = true }
    }

    /// Moves over `count` bytes; false, and failed, where there are fewer.
    @_noAllocation @_noLocks
    private mutating func take(_ count: Int) -> Bool {
        if failed || count > length - position {
            failed = true
            return false
        }
        position += count
        return true
    }
}
