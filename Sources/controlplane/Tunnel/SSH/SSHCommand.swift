/// The command lines of the ssh back end, without the program's own name.
enum SSHCommand {
    /// The master: stays in the foreground, runs no command, offers the dynamic forward.
    ///
    /// ssh(1) mentions ports only; a path has been taken since Unix sockets came to OpenSSH's
    /// forwards (6.7, 2014).
    ///
    /// - Parameter forward: nil: it offers none, because its gateway forwards nothing.
    static func master(_ paths: SSHPaths, forward: LocalEndpoint?, gateway: String) -> [String] {
        ["-F", paths.configuration, "-M", "-N", "-S", paths.control]
            + (forward.map { ["-D", "\($0)"] } ?? []) + [gateway]
    }

    /// A connection by netcat, in a session of the master: its standard input and output are the
    /// connection. The gateway's netcat has to take exactly these words; the jail's does.
    static func netcat(_ paths: SSHPaths, gateway: String, _ target: SocksRequest) -> [String] {
        [
            "-F", paths.configuration, "-S", paths.control, "-o", "ControlMaster=no", "-o",
            "ProxyCommand=false", "-T", gateway, "nc", target.address, "\(target.port)",
        ]
    }

    /// Whether a master answers; its status is 0 then, and it says `Master running (pid=N)`.
    static func check(_ paths: SSHPaths, gateway: String) -> [String] {
        ["-F", paths.configuration, "-S", paths.control, "-O", "check", gateway]
    }

    /// Asks a master to end.
    static func exit(_ paths: SSHPaths, gateway: String) -> [String] {
        ["-F", paths.configuration, "-S", paths.control, "-O", "exit", gateway]
    }

    /// One command that does nothing: only when a session begins does sshd set TCP_NODELAY on the
    /// connection. Without it, every answer in two parts waits 40 ms for a delayed acknowledgement.
    ///
    /// ProxyCommand keeps ssh from opening a connection of its own if the master is gone.
    static func session(_ paths: SSHPaths, gateway: String) -> [String] {
        [
            "-F", paths.configuration, "-S", paths.control, "-o", "ControlMaster=no", "-o",
            "ProxyCommand=false", "-T", gateway, "true",
        ]
    }

    /// Parses the configuration and a dynamic forward without connecting anywhere.
    static func dryRun(configuration: String, forward: LocalEndpoint) -> [String] {
        ["-F", configuration, "-G", "-D", "\(forward)", "gateway"]
    }

    /// Makes ssh say its version.
    static let version = ["-V"]
}
