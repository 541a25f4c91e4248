internal import Glibc

/// Files that are always whole: written beside their name, synchronised, then renamed over it.
///
/// After a power cut a reader finds the old content or the new, never half of one.
enum AtomicFile {
    /// Replaces a file's content (open(2), fsync(2), rename(2)).
    ///
    /// - Parameters:
    ///   - mode: permission bits of the new file, whatever the umask.
    ///   - group: its group, when that must be another than ours.
    ///   - durable: also synchronise; pointless in a runtime directory, which is memory.
    static func write(
        _ content: [UInt8], to path: String, mode: mode_t, group: gid_t? = nil, durable: Bool
    ) throws(ProcessError) {
        // The name of the temporary is fixed on purpose: what a crash leaves behind is replaced by
        // the next write instead of piling up. O_EXCL and O_NOFOLLOW keep it from being a trap.
        let temporary = temporary(of: path)
        _ = unsafe Glibc.unlink(temporary)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let file = Descriptor(
            adopting: try attempt("write \(temporary)") {
                unsafe Glibc.open(temporary, flags, mode)
            })
        do {
            try write(content, file, temporary)
            if let group {
                _ = try attempt("give \(temporary) to group \(group)") {
                    fchown(file.raw, uid_t.max, group)
                }
            }
            _ = try attempt("set the mode of \(temporary)") { fchmod(file.raw, mode) }
            if durable { _ = try attempt("synchronise \(temporary)") { fsync(file.raw) } }
            _ = try attempt("replace \(path)") { unsafe rename(temporary, path) }
        } catch {
            _ = unsafe Glibc.unlink(temporary)
            throw error
        }
        if durable { synchroniseDirectory(of: path) }
    }

    /// A hidden name in the same directory: programs that read whole directories pass it over
    /// (dnsmasq(8), `conf-dir`), and the name itself may be ours to leave behind in a crash.
    static func temporary(of path: String) -> String {
        let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        return "\(path[..<slash]).\(path[slash...]).new"
    }

    /// A file's whole content, or nil when there is none.
    ///
    /// - Parameters:
    ///   - bytesMax: a longer file is an error (EFBIG): nothing of ours is that long.
    ///   - followsLink: whether the path may be a symbolic link. None of ours is one.
    static func read(
        _ path: String, bytesMax: Int = 1 << 20, followsLink: Bool = false
    ) throws(ProcessError) -> [UInt8]? {
        let flags = O_RDONLY | O_CLOEXEC | (followsLink ? 0 : O_NOFOLLOW)
        let raw = unsafe Glibc.open(path, flags)
        if raw < 0 && errno == ENOENT { return nil }
        let file = Descriptor(adopting: try attempt("read \(path)") { raw })
        var content: [UInt8] = []
        while true {
            let count = try append(from: file, to: &content, path)
            if count == 0 { return content }
            guard content.count <= bytesMax else {
                throw ProcessError(attempt: "read \(path)", code: EFBIG)
            }
        }
    }

    /// unlink(2), where a missing file is what was wanted.
    static func remove(_ path: String) {
        _ = unsafe Glibc.unlink(path)
    }

    private static func append(
        from file: Descriptor, to content: inout [UInt8], _ path: String
    ) throws(ProcessError) -> Int {
        let chunk = 65_536
        var count = 0
        var failure: Int32 = 0
        let part = unsafe [UInt8](unsafeUninitializedCapacity: chunk) { buffer, filled in
            count = unsafe Glibc.read(file.raw, buffer.baseAddress, chunk)
            failure = errno
            filled = max(count, 0)
        }
        guard count >= 0 else { throw ProcessError(attempt: "read \(path)", code: failure) }
        content += part
        return count
    }

    private static func write(
        _ content: [UInt8], _ file: Descriptor, _ path: String
    ) throws(ProcessError) {
        var done = 0
        while done < content.count {
            let count = unsafe content.withUnsafeBytes { bytes in
                unsafe Glibc.write(
                    file.raw, bytes.baseAddress.map { unsafe $0 + done },
                    bytes.count - done)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw ProcessError(attempt: "write \(path)", code: errno) }
            done += count
        }
    }

    /// Makes the rename itself survive a power cut; where the directory cannot, nobody can.
    private static func synchroniseDirectory(of path: String) {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let raw = unsafe Glibc.open(
            directory.isEmpty ? "/" : directory, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
        guard raw >= 0 else { return }
        _ = fsync(raw)
        _ = Glibc.close(raw)
    }

    private static func attempt(
        _ what: @autoclosure () -> String, _ call: () -> Int32
    ) throws(ProcessError) -> Int32 {
        let result = call()
        guard result >= 0 else { throw ProcessError(attempt: what(), code: errno) }
        return result
    }
}
