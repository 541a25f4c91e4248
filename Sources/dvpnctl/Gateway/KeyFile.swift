internal import Glibc

/// dvpn's private key for gateways, as a file.
enum KeyFile {
    /// What is wrong with it, and what to do; nil: nothing.
    static func defect(_ path: String) -> String? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            return "there is no \(path) (errno \(errno)); make it with: dvpnctl gateway keygen"
        }
        return defect(path, mode: status.st_mode)
    }

    /// - Parameter mode: with the kind of the file, as stat(2) says it.
    static func defect(_ path: String, mode: mode_t) -> String? {
        guard mode & S_IFMT == S_IFREG else { return "\(path) is not a file" }
        guard mode & 0o077 == 0 else {
            let octal = String(mode & 0o777, radix: 8)
            return "\(path) has mode 0\(octal): others may use it; chmod 600 it"
        }
        return nil
    }

    /// The public half, which lies beside it.
    static func publicKey(_ path: String) throws(ClientError) -> String {
        let end = try Child.run("ssh-keygen", ["-y", "-P", "", "-f", path])
        guard end.status == 0 else {
            throw .here("cannot read the key \(path):\n\(end.text)")
        }
        return end.text.split(separator: "\n").first.map(String.init) ?? ""
    }
}
