internal import Glibc

/// A system call that failed: what was tried, and errno's value.
struct ProcessError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried, such as `start /usr/bin/ssh`.
    let attempt: String
    /// errno, positive.
    let code: Int32
    /// What to do, where that says more than errno's words.
    var advice: String?

    var description: String { "cannot \(attempt): \(advice ?? Self.text(code))" }

    /// The corresponding C function is `strerror_r`.
    static func text(_ code: Int32) -> String {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 256) { buffer, filled in
            filled = unsafe buffer.withMemoryRebound(to: CChar.self) { text in
                guard let base = text.baseAddress, unsafe strerror_r(code, base, text.count) == 0
                else { return 0 }
                // SAFETY: strerror_r has written a NUL into the buffer.
                return unsafe strlen(base)
            }
        }
        return bytes.isEmpty ? "error \(code)" : String(decoding: bytes, as: UTF8.self)
    }

    /// Gives a shim's result back unless it is a negative errno.
    static func check(_ result: Int32, _ attempt: @autoclosure () -> String) throws(Self) -> Int32 {
        guard result >= 0 else { throw ProcessError(attempt: attempt(), code: -result) }
        return result
    }
}
