import Protocol
import Testing

@testable import controlplane

extension SSHSettings {
    /// What the tests of the ssh back end share.
    static let example = SSHSettings(
        name: "home", gateway: "gw.example", user: "dvpn", port: 2222,
        identity: "/etc/dvpn/ssh/id_ed25519", knownHosts: "/etc/dvpn/ssh/known_hosts")
}

@Suite("what ssh is told")
struct SSHConfigurationTests {
    @Test("the whole configuration, golden")
    func golden() {
        let text = SSHConfiguration.render(.example, address: "203.0.113.7", hasAES: true)
        #expect(
            text == """
                # Written by dvpn-controlplane for tunnel home; changes are lost.
                Host *
                    HostName 203.0.113.7
                    Port 2222
                    User dvpn
                    BatchMode yes
                    IdentityFile "/etc/dvpn/ssh/id_ed25519"
                    IdentitiesOnly yes
                    IdentityAgent none
                    PreferredAuthentications publickey
                    StrictHostKeyChecking yes
                    UserKnownHostsFile "/etc/dvpn/ssh/known_hosts"
                    GlobalKnownHostsFile /dev/null
                    UpdateHostKeys no
                    CheckHostIP no
                    ConnectTimeout 15
                    ConnectionAttempts 1
                    ServerAliveInterval 15
                    ServerAliveCountMax 3
                    TCPKeepAlive yes
                    ExitOnForwardFailure yes
                    StreamLocalBindUnlink yes
                    StreamLocalBindMask 0117
                    ControlPersist no
                    Compression no
                    ForwardAgent no
                    ForwardX11 no
                    RequestTTY no
                    PermitLocalCommand no
                    ProxyCommand none
                    LogLevel INFO
                    HostKeyAlias [gw.example]:2222
                    Ciphers ^aes128-gcm@openssh.com,aes256-gcm@openssh.com

                """)
    }

    @Test("a literal gateway needs no alias; port 22 no brackets")
    func alias() {
        var settings = SSHSettings.example
        settings.gateway = "203.0.113.7"
        let literal = SSHConfiguration.render(settings, address: "203.0.113.7", hasAES: false)
        #expect(!literal.contains("HostKeyAlias"))
        // known_hosts holds what was configured, however the resolver spells it.
        settings.gateway = "2001:DB8::1"
        #expect(
            !SSHConfiguration.render(settings, address: "2001:db8::1", hasAES: false)
                .contains("HostKeyAlias"))
        #expect(!literal.contains("Ciphers"))
        settings.gateway = "gw.example"
        settings.port = 22
        #expect(
            SSHConfiguration.render(settings, address: "2001:db8::1", hasAES: false)
                .contains("    HostKeyAlias gw.example\n"))
    }

    @Test("a path keeps its spaces and its percent signs")
    func quoting() {
        var settings = SSHSettings.example
        settings.identity = "/etc/my keys/100%"
        #expect(
            SSHConfiguration.render(settings, address: nil, hasAES: false)
                .contains("    IdentityFile \"/etc/my keys/100%%\"\n"))
    }

    @Test(
        "what ssh would misunderstand is refused",
        arguments: [
            ("-oProxyCommand=evil", "u", "/k"), ("a b", "u", "/k"), ("a\nHost b", "u", "/k"),
            ("", "u", "/k"), ("gw", "-u", "/k"), ("gw", "u\nx", "/k"), ("gw", "", "/k"),
            ("gw", "u", "k"), ("gw", "u", "/k\"x"), ("gw", "u", "/${HOME}/k"),
            ("gw", "u", "/k\nProxyCommand evil"),
        ])
    func defects(gateway: String, user: String, identity: String) {
        var settings = SSHSettings.example
        (settings.gateway, settings.user, settings.identity) = (gateway, user, identity)
        #expect(settings.defect != nil)
        #expect(SSHSettings.example.defect == nil)
    }

    @Test("command lines, golden")
    func commands() {
        let paths = SSHPaths(runtime: "/run/dvpn", tunnel: "home", id: 3)
        let stem = "/run/dvpn/ssh/\(paths.label)-3"
        let file = "/run/dvpn/tunnel/\(paths.label).conf"
        let socket = LocalEndpoint.socket(path: paths.forward)
        #expect(
            SSHCommand.master(paths, forward: socket, gateway: "gw.example") == [
                "-F", file, "-M", "-N", "-S", stem + ".ctl", "-D", stem, "gw.example",
            ])
        let port = LocalEndpoint.loopback(port: 4_000)
        #expect(
            SSHCommand.master(paths, forward: port, gateway: "gw.example").suffix(3) == [
                "-D", "127.118.112.110:4000", "gw.example",
            ])
        #expect(
            SSHCommand.check(paths, gateway: "gw.example") == [
                "-F", file, "-S", stem + ".ctl", "-O", "check", "gw.example",
            ])
        #expect(
            SSHCommand.session(paths, gateway: "gw.example") == [
                "-F", file, "-S", stem + ".ctl", "-o", "ControlMaster=no", "-o",
                "ProxyCommand=false", "-T", "gw.example", "true",
            ])
    }

    @Test("AES is found where the kernel lists it")
    func aes() {
        #expect(SSHConfiguration.hasAES(cpuinfo: "model name\t: x\nflags\t\t: fpu aes avx\n"))
        #expect(SSHConfiguration.hasAES(cpuinfo: "Features\t: fp asimd aes pmull\n"))
        #expect(!SSHConfiguration.hasAES(cpuinfo: "flags\t\t: fpu vaes avx\n"))
        #expect(!SSHConfiguration.hasAES(cpuinfo: ""))
    }

    @Test("paths are short, plain and distinct")
    func paths() {
        let one = SSHPaths(
            runtime: "/run/dvpn", tunnel: String(repeating: "long", count: 90), id: .max)
        #expect(one.control.utf8.count <= SSHPaths.controlBytesMax)
        #expect(one.label.count == 12)
        #expect(one.label != SSHPaths(runtime: "/run/dvpn", tunnel: "other", id: 1).label)
        #expect(SSHPaths.defect(ofRuntime: "/run/dvpn") == nil)
        #expect(SSHPaths.defect(ofRuntime: "/tmp/" + String(repeating: "x", count: 80)) != nil)
        #expect(SSHPaths.defect(ofRuntime: "/run/a:b") != nil)
        #expect(SSHPaths.defect(ofRuntime: "/run/%h") != nil)
        #expect(SSHPaths.defect(ofRuntime: "run") != nil)
    }

    @Test("sixty-five thousand tunnels have labels of their own")
    func labels() {
        var labels: Set<String> = []
        for number in 0..<65_536 { labels.insert(SSHPaths.label(of: "network-\(number)")) }
        #expect(labels.count == 65_536)
    }
}

@Suite("which ssh will do")
struct SSHVersionTests {
    @Test("versions are read and compared")
    func versions() throws {
        let debian = try #require(SSHVersion("OpenSSH_9.2p1 Debian-2+deb12u6, OpenSSL 3.0.19\r\n"))
        #expect(debian == SSHVersion.tested)
        #expect(try #require(SSHVersion("OpenSSH_10.0p2")) > debian)
        #expect(try #require(SSHVersion("OpenSSH_8.9p1")) < debian)
        #expect(SSHVersion("Dropbear v2022.83") == nil)
    }

    @Test("a dry run that was understood says the forward again")
    func dryRuns() {
        let path = SSHForward.socket.sample(runtime: "/run/dvpn")
        let port = SSHForward.loopback.sample(runtime: "/run/dvpn")
        let pathText = "host gateway\ndynamicforward /run/dvpn/ssh/probe\n"
        let portText = "host gateway\ndynamicforward [127.118.112.110]:65535\n"
        #expect(SSHAnswers.takes(path, dryRun: pathText))
        #expect(SSHAnswers.takes(port, dryRun: portText))
        #expect(!SSHAnswers.takes(port, dryRun: pathText))
        #expect(!SSHAnswers.takes(path, dryRun: portText))
        #expect(!SSHAnswers.takes(path, dryRun: pathText.replacing("/probe", with: "/probe2")))
        let bad = "Bad dynamic forwarding specification '/run/dvpn/ssh/probe'\r\n"
        #expect(!SSHAnswers.takes(path, dryRun: bad))
    }

    @Test("a socket rather than a port, AES rather than not, and what is forced alone")
    func ways() {
        func words(_ forced: SSHForward?, _ hasAES: Bool) -> [String] {
            SSHWay.all(forced: forced, hasAES: hasAES).map { "\($0.forward) \($0.hasAES)" }
        }
        #expect(
            words(nil, true) == ["socket true", "socket false", "loopback true", "loopback false"])
        #expect(words(nil, false) == ["socket false", "loopback false"])
        #expect(words(.loopback, true) == ["loopback true", "loopback false"])
    }

    @Test("what does not fit is told apart, and what is unusual is noted")
    func words() {
        let said = "OpenSSH_9.2p1 x"
        let bad = "x: line 3: Bad configuration option: frob\r\nx: terminating\r\n"
        #expect(
            SSHAnswers.defect(versionText: "Dropbear v1\n", dryRun: nil)
                == "the ssh client must be OpenSSH; this one says \"Dropbear v1\"")
        #expect(
            SSHAnswers.defect(versionText: said, dryRun: bad)
                == "OpenSSH 9.2 does not take our configuration: "
                + "x: line 3: Bad configuration option: frob")
        #expect(
            SSHAnswers.defect(versionText: said, dryRun: nil)
                == "OpenSSH 9.2 did not answer to ssh -G")
        func notes(_ version: String, _ forward: SSHForward, forced: SSHForward?) -> [String] {
            SSHAnswers.notes(
                versionText: version, SSHWay(forward: forward, hasAES: true), forced: forced)
        }
        #expect(notes(said, .socket, forced: nil) == [])
        #expect(notes(said, .loopback, forced: .loopback) == [])
        #expect(notes(said, .loopback, forced: nil).first?.contains("guarded by nftables") == true)
        #expect(
            notes("OpenSSH_8.4p1 x", .socket, forced: nil)
                == ["OpenSSH 8.4 is older than 9.2, the oldest one tried"])
    }
}

@Suite("a private key is looked at before it is used")
struct CredentialCheckTests {
    private func check(_ file: CredentialCheck.KeyFile?, readFailure: String? = nil) -> String? {
        CredentialCheck.identity(
            "/k", file: file, reader: "dvpn-ssh", readerID: 990, readFailure: readFailure)?.message
    }

    @Test("what is fine")
    func fine() {
        #expect(check(.init(owner: 990, mode: 0o600, isRegular: true)) == nil)
        #expect(check(.init(owner: 990, mode: 0o400, isRegular: true)) == nil)
        #expect(check(.init(owner: 0, mode: 0o640, isRegular: true)) == nil)
    }

    @Test("what is not, with path and cure")
    func defects() {
        #expect(
            check(nil) == "there is no private key /k (dvpnctl gateway keygen --file /k makes it)")
        #expect(
            check(.init(owner: 990, mode: 0o640, isRegular: true))
                == "/k has mode 0640, which others may read; chmod 600 it")
        #expect(
            check(.init(owner: 0, mode: 0o644, isRegular: true))?.contains("chmod 600") == true)
        #expect(
            check(.init(owner: 0, mode: 0o600, isRegular: true), readFailure: "Permission denied")?
                .contains("chown it to dvpn-ssh") == true)
        #expect(
            check(.init(owner: 0, mode: 0o755, isRegular: false))?.contains("not a file") == true)
    }

    @Test("known_hosts must be there and readable")
    func knownHosts() {
        #expect(
            CredentialCheck.knownHosts("/h", exists: true, reader: "u", readFailure: nil) == nil)
        #expect(
            CredentialCheck.knownHosts("/h", exists: false, reader: "u", readFailure: "x")?.message
                .contains("dvpnctl gateway pin") == true)
        #expect(
            CredentialCheck.knownHosts("/h", exists: true, reader: "u", readFailure: "x")?.message
                == "user u cannot read /h; chmod 644 it")
    }
}

@Suite("connections on a master's socket")
struct SSHOccupancyTests {
    @Test("the listener does not count, the accepted do, others' do not")
    func counts() {
        let text = """
            Num       RefCount Protocol Flags    Type St Inode Path
            0000000099b1e95b: 00000002 00000000 00010000 0001 01 50320 /run/dvpn/ssh/a-1
            0000000099b1e95c: 00000003 00000000 00000000 0001 03 50321 /run/dvpn/ssh/a-1
            0000000099b1e95d: 00000003 00000000 00000000 0001 03 50322 /run/dvpn/ssh/a-1
            0000000099b1e95e: 00000003 00000000 00000000 0001 03 50323
            0000000099b1e95f: 00000003 00000000 00000000 0001 03 50324 /run/dvpn/ssh/a-12
            0000000099b1e960: 00000002 00000000 00010000 0001 01 50325 @/tmp/x
            """
        let counts = SSHOccupancy.count(
            procNetUnix: text,
            [
                1: .socket(path: "/run/dvpn/ssh/a-1"), 2: .socket(path: "/run/dvpn/ssh/b-1"),
                3: .loopback(port: 4_000),
            ])
        #expect(counts == [1: 2, 2: 0])
    }

    /// Two ports: 4000 with a listener and connections in every state, 4001 with a listener.
    private let tcp = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 6E70767F:0FA0 00000000:0000 0A 00000000:00000000 00:00000000 00000000   990        0 50320 1
           1: 6E70767F:0FA1 00000000:0000 0A 00000000:00000000 00:00000000 00000000   990        0 50321 1
           2: 6E70767F:0FA0 0100007F:8F2A 01 00000000:00000000 00:00000000 00000000   990        0 50322 1
           3: 6E70767F:0FA0 0100007F:8F2B 01 00000000:00000000 00:00000000 00000000     0        0 0 1
           4: 6E70767F:0FA0 0100007F:8F2C 08 00000000:00000000 00:00000000 00000000   990        0 50324 1
           5: 6E70767F:0FA0 0100007F:8F2D 05 00000000:00000000 00:00000000 00000000   990        0 50325 1
           6: 6E70767F:0FA0 0100007F:8F2E 05 00000000:00000000 00:00000000 00000000     0        0 0 1
           7: 6E70767F:0FA0 0100007F:8F2F 06 00000000:00000000 03:00000000 00000000     0        0 0 3
           8: 0100007F:8F2A 6E70767F:0FA0 01 00000000:00000000 00:00000000 00000000   991        0 50326 1
           9: 0100007F:0FA0 0100007F:8F30 01 00000000:00000000 00:00000000 00000000   991        0 50327 1
          10: 6E70767F:0FA0 0100007F:8F31 03 00000000:00000000 00:00000000 00000000     0        0 0 1

        """

    @Test("ports: what ssh has or is about to have counts, what it has closed does not")
    func ports() {
        let counts = SSHOccupancy.count(
            procNetTCP: tcp,
            [
                1: .loopback(port: 4_000), 2: .loopback(port: 4_001), 3: .loopback(port: 4_002),
                4: .socket(path: "/a"),
            ])
        #expect(counts == [1: 5, 2: 0, 3: 0])
    }

    @Test("a port is its user's only if nobody else listens there")
    func listeners() {
        #expect(SSHOccupancy.listens(procNetTCP: tcp, port: 4_000, user: 990))
        #expect(!SSHOccupancy.listens(procNetTCP: tcp, port: 4_000, user: 991))
        #expect(!SSHOccupancy.listens(procNetTCP: tcp, port: 4_002, user: 990))
    }
}

@Suite("where a tunnel client listens")
struct LocalEndpointTests {
    @Test("as text, and as the dataplane reads it")
    func forms() throws {
        let port = LocalEndpoint.loopback(port: 4_000)
        #expect("\(port)" == "127.118.112.110:4000")
        #expect(port.wire == .loopback(port: 4_000))
        let path = try #require(SocketPath("/run/a"))
        #expect(LocalEndpoint.socket(path: "/run/a").wire == .path(path))
        #expect(LocalEndpoint.socket(path: String(repeating: "/a", count: 90)).wire == nil)
    }
}
