internal import Glibc

/// The few questions that we ask of `/proc` and of directories.
enum ProcessFiles {
    /// This boot's name.
    static func bootID() throws(ProcessError) -> String {
        let path = "/proc/sys/kernel/random/boot_id"
        guard let text = try text(path) else {
            throw ProcessError(attempt: "read \(path)", code: ENOENT)
        }
        return String(text.prefix { $0 != "\n" })
    }

    /// A small file's text, or nil when there is no such file. The path may be a symbolic link: others
    /// have made it, and resolv.conf is one on most hosts.
    static func text(_ path: String) throws(ProcessError) -> String? {
        do {
            let bytes = try AtomicFile.read(path, bytesMax: 16 << 20, followsLink: true)
            guard let bytes else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        } catch {
            // A process that ends while it is read about is a process that is gone.
            if error.code == ESRCH { return nil }
            throw error
        }
    }

    /// Where a symbolic link leads (readlink(2)), or nil.
    static func link(_ path: String) -> String? {
        let room = 4_096
        var count = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
            count = unsafe buffer.withMemoryRebound(to: CChar.self) { text in
                guard let base = text.baseAddress else { return -1 }
                return unsafe readlink(path, base, room)
            }
            filled = max(count, 0)
        }
        return count > 0 ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// The names in a directory, sorted; none when it cannot be read.
    static func names(in directory: String) -> [String] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // SAFETY: d_name is NUL-terminated and valid until the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
