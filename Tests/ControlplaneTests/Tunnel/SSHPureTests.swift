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
        #expect(
            SSHCommand.master(paths, gateway: "gw.example") == [
                "-F", file, "-M", "-N", "-S", stem + ".ctl", "-D", stem, "gw.example",
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
    private let forward = "/run/dvpn/ssh/probe"

    @Test("versions are read and compared")
    func versions() throws {
        let debian = try #require(SSHVersion("OpenSSH_9.2p1 Debian-2+deb12u6, OpenSSL 3.0.19\r\n"))
        #expect(debian == SSHVersion.tested)
        #expect(try #require(SSHVersion("OpenSSH_10.0p2")) > debian)
        #expect(try #require(SSHVersion("OpenSSH_8.9p1")) < debian)
        #expect(SSHVersion("Dropbear v2022.83") == nil)
    }

    @Test("a fitting one has no defect; others are told apart")
    func defects() {
        let good = "host gateway\ndynamicforward /run/dvpn/ssh/probe\n"
        let said = "OpenSSH_9.2p1 x"
        #expect(SSHVersion.defect(versionText: said, dryRun: good, forward: forward) == nil)
        #expect(
            SSHVersion.defect(versionText: "OpenSSH_7.4p1", dryRun: good, forward: forward)?
                .contains("too old") == true)
        #expect(
            SSHVersion.defect(versionText: "Dropbear v1", dryRun: good, forward: forward)?
                .contains("Dropbear v1") == true)
        #expect(
            SSHVersion.defect(
                versionText: said, dryRun: "x: line 3: Bad configuration option: frob\r\n",
                forward: forward)?.contains("frob") == true)
        #expect(SSHVersion.defect(versionText: said, dryRun: nil, forward: forward) != nil)
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
        #expect(check(nil) == "there is no private key /k")
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
                .contains("ssh-keyscan") == true)
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
            procNetUnix: text, paths: ["/run/dvpn/ssh/a-1", "/run/dvpn/ssh/b-1"])
        #expect(counts == ["/run/dvpn/ssh/a-1": 2, "/run/dvpn/ssh/b-1": 0])
    }
}
