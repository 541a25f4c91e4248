internal import FoundationEssentials
internal import Glibc

/// dvpn's private key for gateways, as a file.
enum KeyFile {
    /// As whom dvpn runs ssh.
    static let dialler = "dvpn-ssh"

    /// What is wrong with it, and what to do; nil: nothing.
    ///
    /// - Parameter owner: whose it may be, beside root's and the caller's.
    static func defect(_ path: String, owner: String = dialler) -> String? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            return "there is no \(path) (errno \(errno)); make it with: dvpnctl gateway keygen"
        }
        var owners: Set<uid_t> = [0, geteuid()]
        if let entry = unsafe getpwnam(owner) { owners.insert(unsafe entry.pointee.pw_uid) }
        return defect(path, mode: status.st_mode)
            ?? (owners.contains(status.st_uid)
                ? nil
                : "\(path) belongs to user \(status.st_uid), who may use it: chown \(owner) it")
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

    /// Public keys, a line each, that somebody has gathered in a file.
    static func publicKeys(in path: String) throws(ClientError) -> [String] {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else {
            throw .here("cannot read \(path)")
        }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix("#") }.map(String.init)
    }

    /// The public half of a private key.
    static func publicKey(_ path: String) throws(ClientError) -> String {
        let end = try Child.run("ssh-keygen", ["-y", "-P", "", "-f", path])
        guard end.status == 0 else {
            throw .here("cannot read the key \(path):\n\(end.text)")
        }
        return end.text.split(separator: "\n").first.map(String.init) ?? ""
    }
}
