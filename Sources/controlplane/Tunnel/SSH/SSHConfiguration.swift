/// The ssh_config(5) file of one tunnel: everything that ssh is told, in one place that a person
/// can read; nothing comes from the user's or the system's files.
enum SSHConfiguration {
    /// - Parameters:
    ///   - address: the gateway's address as a literal, when somebody resolved it.
    ///   - hasAES: whether the CPU has AES instructions; AES-GCM then costs half of the default.
    static func render(_ settings: SSHSettings, address: String?, hasAES: Bool) -> String {
        var lines: [(String, String)] = [
            ("HostName", address ?? settings.gateway),
            ("Port", "\(settings.port)"),
            ("User", settings.user),
            // Nobody is there to answer a question.
            ("BatchMode", "yes"),
            ("IdentityFile", quoted(settings.identity)),
            ("IdentitiesOnly", "yes"),
            ("IdentityAgent", "none"),
            ("PreferredAuthentications", "publickey"),
            ("StrictHostKeyChecking", "yes"),
            ("UserKnownHostsFile", quoted(settings.knownHosts)),
            ("GlobalKnownHostsFile", "/dev/null"),
            ("UpdateHostKeys", "no"),
            ("CheckHostIP", "no"),
            ("ConnectTimeout", "\(settings.connectTimeoutSeconds)"),
            ("ConnectionAttempts", "1"),
            // A gateway that vanished is noticed after 45 to 60 s.
            ("ServerAliveInterval", "15"),
            ("ServerAliveCountMax", "3"),
            ("TCPKeepAlive", "yes"),
            ("ExitOnForwardFailure", "yes"),
            ("StreamLocalBindUnlink", "yes"),
            // Group and owner may connect; the directory decides which group that is.
            ("StreamLocalBindMask", "0117"),
            ("ControlPersist", "no"),
            ("Compression", "no"),
            ("ForwardAgent", "no"),
            ("ForwardX11", "no"),
            ("RequestTTY", "no"),
            ("PermitLocalCommand", "no"),
            ("ProxyCommand", "none"),
            // At INFO a master names the reason of every connection that it could not open.
            ("LogLevel", "INFO"),
        ]
        if address != nil && isName(settings.gateway) {
            lines.append(("HostKeyAlias", knownHostsName(settings)))
        }
        if hasAES {
            // ^ puts these before ssh's own list instead of replacing it.
            lines.append(("Ciphers", "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"))
        }
        let body = lines.map { "    \($0.0) \($0.1)\n" }.joined()
        return """
            # Written by dvpn-controlplane for tunnel \(comment(settings.name)); changes are lost.
            Host *
            \(body)
            """
    }

    /// What known_hosts calls the gateway: HostKeyAlias is looked up as it stands, so a port other
    /// than 22 has to be part of it.
    static func knownHostsName(_ settings: SSHSettings) -> String {
        settings.port == 22 ? settings.gateway : "[\(settings.gateway)]:\(settings.port)"
    }

    /// Whether a gateway is given by name: no address is spelled with letters and without colons.
    private static func isName(_ gateway: String) -> Bool {
        !gateway.contains(":") && gateway.contains { !$0.isNumber && $0 != "." }
    }

    /// Whether `/proc/cpuinfo` lists AES instructions (`flags` on x86, `Features` on ARM).
    static func hasAES(cpuinfo: String) -> Bool {
        let line = cpuinfo.split(separator: "\n").first {
            $0.hasPrefix("flags") || $0.hasPrefix("Features")
        }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).contains("aes") ?? false
    }

    /// A path as ssh_config(5) reads it back: spaces kept, nothing expanded.
    private static func quoted(_ path: String) -> String {
        "\"" + path.split(separator: "%", omittingEmptySubsequences: false).joined(separator: "%%")
            + "\""
    }

    /// A name that cannot end the comment it stands in.
    private static func comment(_ name: String) -> String {
        String(name.map { $0.isNewline ? " " : $0 })
    }
}
