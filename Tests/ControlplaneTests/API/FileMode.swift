import CLinux
import Testing

/// The permission bits of a file.
enum FileMode {
    /// The corresponding C function is `stat`.
    static func of(_ path: String) throws -> UInt32 {
        var file = cl_file()
        try #require(unsafe cl_status(path, &file) == 0)
        return file.mode
    }

    /// True where a server has opened its socket to its group, which it does before naming it.
    static func isPublished(_ path: String) -> Bool {
        var file = cl_file()
        return unsafe cl_status(path, &file) == 0 && file.mode == 0o660
    }
}
