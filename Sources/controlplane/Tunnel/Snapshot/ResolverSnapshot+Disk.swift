internal import CLinux
internal import Glibc

extension ResolverSnapshot {
    /// Looks at the file; one that is missing or cannot be read has no content.
    init(at path: String) throws(ProcessError) {
        self.init(link: ProcessFiles.link(path))
        let raw = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard raw >= 0 else {
            guard errno == ENOENT else { throw ProcessError(attempt: "read \(path)", code: errno) }
            return
        }
        let file = Descriptor(adopting: raw)
        var status = cl_file()
        let result = unsafe cl_status_of(raw, &status)
        guard result == 0 else { throw ProcessError(attempt: "look at \(path)", code: -result) }
        content = LogFile.read(file, at: 0, bytesMax: 1 << 16)
        (mode, owner, group) = (status.mode, status.owner, status.group)
    }

    /// Makes the file at `path` what this is.
    func write(to path: String) throws(ProcessError) {
        if let link, ProcessFiles.link(path) != link {
            let temporary = path + ".dvpn"
            AtomicFile.remove(temporary)
            guard unsafe symlink(link, temporary) == 0, unsafe rename(temporary, path) == 0 else {
                throw ProcessError(attempt: "make \(path) a link to \(link)", code: errno)
            }
        }
        if link == nil && ProcessFiles.link(path) != nil { AtomicFile.remove(path) }
        guard let content else {
            if link == nil { AtomicFile.remove(path) }
            return
        }
        if let now = try? ResolverSnapshot(at: path), now == self { return }
        // In place, as every program does with this file: it may be a mount of its own, and others
        // watch its inode. A crash in the middle leaves the snapshot, and the next start goes on.
        let raw = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
        guard raw >= 0 else { throw ProcessError(attempt: "write \(path)", code: errno) }
        let file = Descriptor(adopting: raw)
        let count = unsafe content.withUnsafeBytes { bytes in
            unsafe Glibc.write(file.raw, bytes.baseAddress, bytes.count)
        }
        guard count == content.count, fchown(file.raw, owner, group) == 0,
            fchmod(file.raw, mode_t(mode)) == 0, fsync(file.raw) == 0
        else { throw ProcessError(attempt: "write \(path)", code: errno) }
    }
}
