internal import Glibc

/// The file to which a detached program appends its output, and which we read along.
///
/// The program holds it open with O_APPEND, so that we may cut it to nothing at any time; its size
/// is bounded even without us, by the program's own limit on file sizes.
struct LogFile: Sendable {
    /// No log grows beyond this, in bytes; it is memory.
    static let bytesMax = 1 << 20

    let path: String
    private let file: Descriptor
    private var position: Int64

    /// Opens or makes the file; `fresh` empties it first.
    init(path: String, fresh: Bool) throws(ProcessError) {
        let flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (fresh ? O_TRUNC : 0)
        let raw = unsafe Glibc.open(path, flags, 0o600)
        guard raw >= 0 else { throw ProcessError(attempt: "write \(path)", code: errno) }
        self.path = path
        file = Descriptor(adopting: raw)
        position = 0
    }

    /// For a program's standard output and error.
    var output: Descriptor { file }

    /// What was written since the last call, at most 256 KiB of it. Cuts the file when it has
    /// grown beyond half its limit and everything in it has been read.
    mutating func news() -> String {
        let part = Self.read(file, at: position, bytesMax: 262_144)
        position += Int64(part.count)
        if part.count < 262_144 && position > Int64(Self.bytesMax / 2) {
            // What arrives between the read and the cut is lost: lines about refused channels.
            _ = ftruncate(file.raw, 0)
            position = 0
        }
        return String(decoding: part, as: UTF8.self)
    }

    /// The last words, for the reason of an end.
    func tail(bytesMax: Int = 16_384) -> String {
        let end = lseek(file.raw, 0, SEEK_END)
        let part = Self.read(file, at: max(0, Int64(end) - Int64(bytesMax)), bytesMax: bytesMax)
        return String(decoding: part, as: UTF8.self)
    }

    /// pread(2): at most `bytesMax` bytes, none at the end or on any error.
    static func read(_ file: Descriptor, at position: Int64, bytesMax: Int) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: bytesMax) { buffer, filled in
            filled = max(0, unsafe pread(file.raw, buffer.baseAddress, bytesMax, Int(position)))
        }
    }
}
