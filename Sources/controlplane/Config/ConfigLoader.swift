internal import CLinux
import Glibc

/// Reads the configuration's files from the disk. All judgement of their text is `ConfigParser`'s.
struct ConfigLoader: Sendable {
    /// 65,536 networks of 150 bytes each are 10 MB; whatever is far larger is no configuration.
    private static let fileBytesMax = 64 << 20

    /// The main file.
    let file: String

    /// The drop-ins' directory: `/etc/dvpn/dvpn.d` for `/etc/dvpn/dvpn.toml`. It need not exist.
    var directory: String {
        (file.hasSuffix(".toml") ? String(file.dropLast(".toml".count)) : file) + ".d"
    }

    /// The main file and the drop-ins, whose names end in `.toml`, in the order of their names.
    func readTexts() throws(ConfigErrors) -> [ConfigText] {
        var texts: [ConfigText] = []
        var errors: [ConfigError] = []
        do throws(ConfigErrors) {
            for path in try [file] + dropIns() {
                do throws(ConfigErrors) {
                    texts.append(try readText(path))
                } catch {
                    errors += error.errors
                }
            }
        } catch {
            errors += error.errors
        }
        guard errors.isEmpty else { throw ConfigErrors(errors) }
        return texts
    }

    /// The files that `readTexts` would read now, and the drop-ins' directory, which tells of others.
    var sources: [String] { [file, directory] + ((try? dropIns()) ?? []) }

    private func readText(_ path: String) throws(ConfigErrors) -> ConfigText {
        try ConfigText(file: path, bytes: read(path))
    }

    /// The corresponding C functions are `opendir` and `readdir`.
    private func dropIns() throws(ConfigErrors) -> [String] {
        guard let stream = unsafe opendir(directory) else {
            if errno == ENOENT { return [] }
            throw Self.failure(directory, "cannot be read: \(ProcessError.text(errno))")
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            // SAFETY: readdir ends each name with a NUL inside d_name.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name.hasSuffix(".toml") && !name.hasPrefix(".") { names.append(name) }
        }
        // By bytes, as ls does in the C locale: String's own order is Unicode's.
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            .map { "\(directory)/\($0)" }
    }

    /// One file's bytes: also those of a map.
    func read(_ path: String) throws(ConfigErrors) -> [UInt8] {
        // Without O_NONBLOCK a FIFO would hang the daemon.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw Self.failure(path, "cannot be read: \(ProcessError.text(errno))")
        }
        defer { close(descriptor) }
        var status = cl_file()
        let result = unsafe cl_status_of(descriptor, &status)
        guard result == 0 else {
            throw Self.failure(path, "cannot be read: \(ProcessError.text(-result))")
        }
        guard status.is_regular != 0 else {
            throw Self.failure(path, "is not a file")
        }
        // Who can write it says where root's ssh goes.
        guard status.mode & 0o002 == 0 else {
            throw Self.failure(path, "can be written by everyone", hint: "chmod o-w \(path)")
        }
        guard status.size <= Self.fileBytesMax else {
            throw Self.failure(path, "is larger than \(Self.fileBytesMax >> 20) MiB")
        }
        return try readAll(descriptor, path, sizeExpected: Int(status.size))
    }

    private func readAll(
        _ descriptor: CInt, _ path: String, sizeExpected: Int
    ) throws(ConfigErrors) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sizeExpected)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= Self.fileBytesMax {
            let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                throw Self.failure(path, "cannot be read: \(ProcessError.text(errno))")
            }
            bytes += chunk[..<count]
        }
        throw Self.failure(path, "is larger than \(Self.fileBytesMax >> 20) MiB")
    }

    private static func failure(_ path: String, _ message: String, hint: String? = nil)
        -> ConfigErrors
    {
        ConfigErrors([ConfigError(position: .whole(path), message: message, hint: hint)])
    }
}
