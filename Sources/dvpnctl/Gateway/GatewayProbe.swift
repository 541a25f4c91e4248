internal import Glibc
internal import Reports

/// Tries with dvpn's key what a gateway lets that key do. Tells facts; `GatewayVerdict` judges.
struct GatewayProbe {
    let gateway: GatewayReport
    /// More targets that must not be reached, `ADDRESS:PORT`.
    var outside: [Target] = []

    /// An address literal and a port.
    struct Target: Equatable, Sendable, CustomStringConvertible {
        let address: String
        let port: Int

        var description: String {
            address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
        }
    }

    /// What a shell would make 42 of, and nobody else.
    private static let question = "echo dvpn-$((6*7))"
    private static let answer = "dvpn-42"

    func run() throws(ClientError) -> GatewayFacts {
        var facts = GatewayFacts()
        facts.keyFileDefect = KeyFile.defect(gateway.identity)
        facts.hostKeys = try HostKeyFacts.gather(gateway)
        let directory = try Self.directory()
        defer { _ = unsafe rmdir(directory) }
        let control = "\(directory)/ctl"
        let master = try Child(
            "ssh", SSHArguments.master(gateway, control: control), errors: .read)
        defer {
            master.stop()
            _ = unsafe unlink(control)
        }
        let deadline = Child.now() + 20_000
        while unsafe access(control, F_OK) != 0 {
            guard !master.isGone, Child.now() < deadline else {
                let said = master.finish(seconds: 1).text.split(whereSeparator: \.isNewline)
                facts.endedAt = "the login (\(said.last ?? "no answer"))"
                return facts
            }
            usleep(20_000)
        }
        var step = "the first question"
        do throws(SSHProxy.Lost) {
            let proxy = try SSHProxy(path: control)
            try sessions(proxy, &facts, &step)
            try forwards(proxy, &facts, &step)
        } catch {
            facts.endedAt = step
        }
        master.stop()
        facts.remotePort = try remote("127.0.0.1:0:127.0.0.1:9")
        facts.remoteSocket = try remote("/tmp/dvpn-check-\(getpid()):127.0.0.1:9")
        return facts
    }

    // MARK: - Sessions

    private func sessions(
        _ proxy: SSHProxy, _ facts: inout GatewayFacts, _ step: inout String
    ) throws(SSHProxy.Lost) {
        step = "a command"
        try session(proxy) { (channel, peer) throws(SSHProxy.Lost) in
            facts.pty = try answer(proxy.request("pty-req", on: channel, peer: peer, extra: pty))
            facts.x11 = try answer(proxy.request("x11-req", on: channel, peer: peer, extra: x11))
            facts.agent = try answer(
                proxy.request("auth-agent-req@openssh.com", on: channel, peer: peer))
            try proxy.hangUp(on: channel, peer: peer)
        }
        // The last ones are for a jail whose words around netcat are not careful.
        let netcats = [
            "nc 127.0.0.1 1;", "nc 127.0.0.1 1 $(\(Self.question) >&2) `\(Self.question)`|",
        ]
        for command in [""] + netcats {
            let text = command + Self.question
            guard let ran = try run(proxy, "exec", text) else { continue }
            if says(ran, Self.answer) {
                facts.shellWays.append(command.isEmpty ? "a command" : "a command behind netcat's")
                break
            }
            if says(ran, FarSide.jailWords) { facts.jailAnswers = true }
        }
        step = "a shell"
        if let ran = try run(proxy, "shell", nil, input: "\(Self.question)\nexit\n"),
            says(ran, Self.answer)
        {
            facts.shellWays.append("a login")
        }
        facts.isShellTried = true
        if facts.shellWays.first == "a command" {
            let places =
                "for d in / /bin /dvpn-jail /etc /usr /home /var/lib; do "
                + "[ -w \"$d\" ] && echo \"$d\"; done; true"
            let ran = try run(proxy, "exec", places)
            facts.writable = String(decoding: ran?.output ?? [], as: UTF8.self)
                .split(separator: "\n").map(String.init).filter { $0.hasPrefix("/") }
        }
        step = "sftp"
        var hello = SSHWriter()
        // SSH_FXP_INIT of version 3; the answer is SSH_FXP_VERSION, 2.
        hello.string([1, 0, 0, 0, 3])
        facts.sftp = .refused
        try session(proxy) { (channel, peer) throws(SSHProxy.Lost) in
            var name = SSHWriter()
            name.string("sftp")
            if try proxy.request("subsystem", on: channel, peer: peer, extra: name.bytes) {
                let ran = try proxy.converse(
                    on: channel, peer: peer, input: hello.bytes, enough: 5)
                if ran.output.count >= 5 && ran.output[4] == 2 { facts.sftp = .granted }
            } else {
                try proxy.hangUp(on: channel, peer: peer)
            }
        }
    }

    /// What came of a command, or of a shell for nil; nil where no session was to be had.
    private func run(
        _ proxy: SSHProxy, _ kind: String, _ command: String?, input: String = ""
    ) throws(SSHProxy.Lost) -> SSHProxy.Ran? {
        var ran: SSHProxy.Ran?
        try session(proxy) { (channel, peer) throws(SSHProxy.Lost) in
            var words = SSHWriter()
            if let command { words.string(command) }
            guard try proxy.request(kind, on: channel, peer: peer, extra: words.bytes) else {
                return try proxy.hangUp(on: channel, peer: peer)
            }
            ran = try proxy.converse(on: channel, peer: peer, input: Array(input.utf8))
        }
        return ran
    }

    private func session(
        _ proxy: SSHProxy, _ body: (UInt32, UInt32) throws(SSHProxy.Lost) -> Void
    ) throws(SSHProxy.Lost) {
        // sshd may not have finished with the last one, and allow one at a time.
        for _ in 0..<5 {
            let (channel, opening) = try proxy.open("session")
            if case .opened(let peer) = opening { return try body(channel, peer) }
            usleep(200_000)
        }
    }

    private func says(_ ran: SSHProxy.Ran, _ words: String) -> Bool {
        String(decoding: ran.output, as: UTF8.self).contains(words)
            || String(decoding: ran.errors, as: UTF8.self).contains(words)
    }

    private func answer(_ isGranted: Bool) -> GatewayFacts.Answer {
        isGranted ? .granted : .refused
    }

    private var pty: [UInt8] {
        var writer = SSHWriter()
        writer.string("dumb")
        for size in [80, 24, 0, 0] as [UInt32] { writer.number(size) }
        writer.string([0])
        return writer.bytes
    }

    private var x11: [UInt8] {
        var writer = SSHWriter()
        writer.byte(0)
        writer.string("MIT-MAGIC-COOKIE-1")
        writer.string(String(repeating: "0", count: 32))
        writer.number(0)
        return writer.bytes
    }

    // MARK: - Connections

    private func forwards(
        _ proxy: SSHProxy, _ facts: inout GatewayFacts, _ step: inout String
    ) throws(SSHProxy.Lost) {
        step = "a tunnel device"
        var device = SSHWriter()
        device.number(1)  // point to point, any unit
        device.number(0x7fff_ffff)
        facts.tunnel = try answer(opens(proxy, "tun@openssh.com", device.bytes))
        step = "a Unix socket"
        // One that answers nowhere may be missing everywhere; each of these is there somewhere.
        facts.localSocket = .refused
        for path in ["/run/dbus/system_bus_socket", "/run/systemd/journal/stdout", "/dev/log"] {
            var target = SSHWriter()
            target.string(path)
            target.string("")
            target.number(0)
            if try opens(proxy, "direct-streamlocal@openssh.com", target.bytes) {
                facts.localSocket = .granted
            }
        }
        for (target, isInside) in targets {
            step = "a forward to \(target)"
            facts.forwards.append(
                GatewayFacts.Attempt(
                    target: "\(target)", isInside: isInside, outcome: try forward(proxy, target)))
            step = "netcat to \(target)"
            facts.netcats.append(
                GatewayFacts.Attempt(
                    target: "\(target)", isInside: isInside, outcome: try netcat(proxy, target)))
        }
    }

    /// Outside: the gateway itself, by its loopback and by the address at which its sshd has just
    /// answered us. Inside: a host that need not be there, since trying is what is allowed.
    private var targets: [(Target, isInside: Bool)] {
        let prefixes = gateway.prefixes.compactMap(IPPrefix.init)
        var outside = ["127.0.0.1", "::1"].map { Target(address: $0, port: gateway.port) }
        if IPPrefix.address(gateway.host) != nil {
            outside.append(Target(address: gateway.host, port: gateway.port))
        }
        outside += self.outside
        let strangers = outside.filter { target in
            guard let address = IPPrefix.address(target.address) else { return false }
            return !prefixes.contains { $0.contains(address) }
        }
        return strangers.map { ($0, isInside: false) }
            + prefixes.map { (Target(address: $0.firstHost, port: 9), isInside: true) }
    }

    private func opens(_ proxy: SSHProxy, _ kind: String, _ extra: [UInt8]) throws(SSHProxy.Lost)
        -> Bool
    {
        let (channel, opening) = try proxy.open(kind, extra: extra)
        guard case .opened(let peer) = opening else { return false }
        try proxy.hangUp(on: channel, peer: peer)
        return true
    }

    private func forward(_ proxy: SSHProxy, _ target: Target) throws(SSHProxy.Lost)
        -> GatewayFacts.Forward
    {
        var words = SSHWriter()
        words.string(target.address)
        words.number(UInt32(target.port))
        words.string("127.0.0.1")
        words.number(0)
        let (channel, opening) = try proxy.open("direct-tcpip", extra: words.bytes, seconds: 4)
        switch opening {
        case .opened(let peer):
            try proxy.hangUp(on: channel, peer: peer)
            return .opened
        case .failed(code: 1, _): return .prohibited
        case .failed(_, let words): return .failed(words: words)
        case .pending: return .pending
        }
    }

    /// netcat says nothing of its success: sshd's greeting, which is what listens at the targets
    /// outside, tells of it.
    private func netcat(_ proxy: SSHProxy, _ target: Target) throws(SSHProxy.Lost)
        -> GatewayFacts.Forward
    {
        guard let ran = try run(proxy, "exec", "nc \(target.address) \(target.port)") else {
            return .prohibited
        }
        if says(ran, "SSH-2.0-") { return .opened }
        let words = String(decoding: ran.errors, as: UTF8.self)
        if words.contains("nc: ") { return .failed(words: words.filter { !$0.isNewline }) }
        return ran.status == nil ? .pending : .prohibited
    }

    /// Whether the gateway listens for us. ssh's own words tell: a proxy hears no answer to this.
    private func remote(_ forward: String) throws(ClientError) -> GatewayFacts.Answer {
        let child = try Child(
            "ssh", SSHArguments.remote(gateway, forward: forward), errors: .read)
        while let line = child.line(seconds: 15) {
            if line.contains("remote forward success for") || line.contains("Allocated port") {
                return .granted
            }
            if line.contains("remote forward failure for")
                || line.contains("remote port forwarding failed")
            {
                return .refused
            }
        }
        return .unknown
    }

    /// Makes a directory that is nobody else's.
    static func directory() throws(ClientError) -> String {
        var name = Array("/tmp/dvpn-check-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&name) != nil else {
            throw .here("cannot make a directory in /tmp (errno \(errno))")
        }
        return String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
