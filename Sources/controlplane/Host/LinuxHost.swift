internal import CLinux
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// The host itself: whatever network namespace this process is in.
struct LinuxHost: HostSystem {
    /// Where tools are looked for; PATH is not asked, because it is the caller's.
    private static let directories = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]

    /// More than a listing of 65,536 prefixes with their routes needs.
    private static let outputMax = 256 << 20

    func run(
        _ tool: HostTool, _ arguments: [String], input: String
    ) async throws(HostError) -> String {
        let path = try locate(tool)
        let status: TerminationStatus
        let output: String
        let complaint: String
        do {
            let result = try await Subprocess.run(
                .path(FilePath(path)), arguments: Arguments(arguments),
                environment: .custom(["LC_ALL": "C"]), input: .string(input),
                output: .string(limit: Self.outputMax), error: .string(limit: 1 << 20))
            status = result.terminationStatus
            output = result.standardOutput
            complaint = result.standardError
        } catch {
            throw HostError(.refused, "\(path) could not be run: \(error)")
        }
        guard case .exited(0) = status else {
            throw ToolComplaint.error(tool, arguments, complaint)
        }
        return output
    }

    func setting(_ key: String) -> String? {
        guard let bytes = try? AtomicFile.read("/proc/sys/net/\(key)") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    func set(_ key: String, to value: String) throws(HostError) {
        let path = "/proc/sys/net/\(key)"
        let fd = unsafe open(path, O_WRONLY | O_CLOEXEC)
        if fd < 0 && errno == ENOENT { return }
        guard fd >= 0 else { throw failure(path, errno) }
        defer { close(fd) }
        // One write: the kernel takes a setting's value whole.
        let text = Array("\(value)\n".utf8)
        let written = unsafe text.withUnsafeBytes { unsafe write(fd, $0.baseAddress, $0.count) }
        guard written == text.count else { throw failure(path, errno) }
    }

    func createDevice(owner: UInt32) throws(HostError) {
        let result = unsafe HostNames.device.withCString { unsafe dvpn_device_create($0, owner) }
        guard result < 0 else { return }
        throw DoorbellQueues.failure(-result)
    }

    var kernelRelease: String {
        var name = utsname()
        guard unsafe uname(&name) == 0 else { return "" }
        return unsafe withUnsafeBytes(of: &name.release) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private func locate(_ tool: HostTool) throws(HostError) -> String {
        for directory in Self.directories {
            let path = "\(directory)/\(tool.rawValue)"
            if unsafe access(path, X_OK) == 0 { return path }
        }
        throw HostError(
            .toolMissing,
            "The program `\(tool.rawValue)` is not installed; on Debian: "
                + "apt install \(tool.package).")
    }

    private func failure(_ path: String, _ code: Int32) -> HostError {
        let permitted = code != EPERM && code != EACCES && code != EROFS
        return HostError(
            permitted ? .file : .notPermitted,
            "\(path) could not be written (errno \(code))"
                + (permitted ? "." : ": run dvpn-controlplane as root, with /proc/sys writable."))
    }
}
