import Reports
import Testing

@testable import dvpnctl

@Suite("What is seen of a gateway")
struct GatewayVerdictTests {
    /// A gateway as it should be.
    private static let closed: GatewayFacts = {
        var facts = GatewayFacts()
        facts.hostKeys.recorded = [print("AAAA")]
        facts.hostKeys.shown = [print("AAAA")]
        facts.isShellTried = true
        facts.pty = .refused
        facts.agent = .refused
        facts.x11 = .refused
        facts.tunnel = .refused
        facts.sftp = .refused
        facts.remotePort = .refused
        facts.remoteSocket = .refused
        facts.localSocket = .refused
        facts.forwards = [
            .init(target: "127.0.0.1:22", isInside: false, outcome: .failed(words: "open failed")),
            .init(
                target: "10.1.2.1:9", isInside: true, outcome: .failed(words: "Connection refused")),
        ]
        facts.netcats = [.init(target: "127.0.0.1:22", isInside: false, outcome: .prohibited)]
        return facts
    }()

    private static func print(_ base64: String) -> HostKeyFacts.Print {
        HostKeyFacts.Print(
            key: HostKeys.Key(kind: "ssh-ed25519", base64: base64), text: "256 SHA256:\(base64)")
    }

    private static func text(_ findings: [GatewayVerdict.Finding]) -> String {
        GatewayVerdict.text(
            GatewayCheckReport(
                gateway: "dvpn@gw", prefixes: ["10.1.2.0/24"], farEnd: "forward", closed: false,
                findings: findings))
    }

    @Test("a closed one is closed")
    func closed() {
        let findings = GatewayVerdict.findings(Self.closed, kind: .forward)
        #expect(GatewayVerdict.isClosed(findings))
        #expect(!findings.contains { $0.grade == .unknown })
    }

    struct Hole: Sendable, CustomTestStringConvertible {
        let words: String
        let open: @Sendable (inout GatewayFacts) -> Void
        var testDescription: String { words }
    }

    @Test(
        "each hole is found",
        arguments: [
            Hole(words: "a shell: a command") { $0.shellWays = ["a command"] },
            Hole(words: "can write: /") {
                $0.shellWays = ["a command"]
                $0.writable = ["/"]
            },
            Hole(words: "a pty") { $0.pty = .granted },
            Hole(words: "agent forwarding") { $0.agent = .granted },
            Hole(words: "X11") { $0.x11 = .granted },
            Hole(words: "sftp") { $0.sftp = .granted },
            Hole(words: "tunnel device") { $0.tunnel = .granted },
            Hole(words: "a listener on the gateway (-R)") { $0.remotePort = .granted },
            Hole(words: "listening Unix socket") { $0.remoteSocket = .granted },
            Hole(words: "Unix sockets (-L)") { $0.localSocket = .granted },
            Hole(words: "a forward to 127.0.0.1:22, outside") {
                $0.forwards[0] = .init(
                    target: "127.0.0.1:22", isInside: false, outcome: .opened)
            },
            // Nobody listens there, but the way there is open.
            Hole(words: "a forward to 127.0.0.1:22, outside") {
                $0.forwards[0] = .init(
                    target: "127.0.0.1:22", isInside: false,
                    outcome: .failed(words: "Connection refused"))
            },
            Hole(words: "netcat to 127.0.0.1:22") {
                $0.netcats[0] = .init(target: "127.0.0.1:22", isInside: false, outcome: .opened)
            },
            Hole(words: "mode 0644") { $0.keyFileDefect = KeyFile.defect("/k", mode: 0o100644) },
            Hole(words: "ANOTHER host key") { $0.hostKeys.shown = [print("CCCC")] },
            Hole(words: "Recorded: 256 SHA256:AAAA; shown: 256 SHA256:CCCC") {
                $0.hostKeys.shown = [print("CCCC")]
            },
            Hole(words: "no host key of it is recorded") { $0.hostKeys.recorded = [] },
            Hole(words: "the jail is open: /var/x") {
                $0.inspection = ["the jail is open: /var/x"]
            },
            Hole(words: "ended the conversation at: a shell") { $0.endedAt = "a shell" },
            Hole(words: "a forward to 10.1.2.1:9 is prohibited") {
                $0.forwards[1] = .init(target: "10.1.2.1:9", isInside: true, outcome: .prohibited)
            },
        ])
    func holes(hole: Hole) {
        var facts = Self.closed
        hole.open(&facts)
        let findings = GatewayVerdict.findings(facts, kind: .forward)
        #expect(!GatewayVerdict.isClosed(findings))
        let found = findings.filter { $0.grade == .open || $0.grade == .broken }
        #expect(found.contains { $0.text.contains(hole.words) }, "\(found)")
    }

    @Test("without a login nothing is known of a shell")
    func noLogin() {
        var facts = GatewayFacts()
        facts.endedAt = "the login (Host key verification failed.)"
        for kind in [FarSide.Kind.forward, .jail] {
            let findings = GatewayVerdict.findings(facts, kind: kind)
            #expect(findings.contains { $0.grade == .unknown && $0.text.contains("a shell") })
            #expect(!findings.contains { $0.text.contains("no shell") })
        }
    }

    @Test("what the gateway grants is closed by its setup")
    func setup() {
        var facts = Self.closed
        facts.pty = .granted
        let findings = GatewayVerdict.findings(facts, kind: .forward)
        #expect(
            findings.contains {
                $0.grade == .open && $0.text == "a pty; dvpnctl gateway setup closes it"
            })
    }

    @Test("a jail that does not answer is broken, and forwards there are a hole")
    func jail() {
        var facts = Self.closed
        facts.forwards = [
            .init(target: "127.0.0.1:22", isInside: false, outcome: .prohibited),
            .init(target: "10.1.2.1:9", isInside: true, outcome: .prohibited),
        ]
        #expect(!GatewayVerdict.isClosed(GatewayVerdict.findings(facts, kind: .jail)))
        facts.jailAnswers = true
        #expect(GatewayVerdict.isClosed(GatewayVerdict.findings(facts, kind: .jail)))
        facts.forwards[1] = .init(target: "10.1.2.1:9", isInside: true, outcome: .opened)
        #expect(!GatewayVerdict.isClosed(GatewayVerdict.findings(facts, kind: .jail)))
    }

    @Test("what is not known is no hole and is said")
    func unknown() {
        var facts = Self.closed
        facts.pty = .unknown
        let findings = GatewayVerdict.findings(facts, kind: .forward)
        #expect(GatewayVerdict.isClosed(findings))
        #expect(Self.text(findings).contains("?       cannot tell: a pty\n"))
        facts.hostKeys = HostKeyFacts(hasAuthority: true)
        #expect(GatewayVerdict.isClosed(GatewayVerdict.findings(facts, kind: .forward)))
        facts.hostKeys.hasAuthority = false
        #expect(!GatewayVerdict.isClosed(GatewayVerdict.findings(facts, kind: .forward)))
    }

    @Test(
        "a key file is for its owner",
        arguments: [
            (0o100600, nil), (0o100400, nil), (0o100640, "0640"), (0o100604, "0604"),
            (0o040700, "not a file"),
        ] as [(UInt32, String?)])
    func keyFile(mode: UInt32, words: String?) {
        let defect = KeyFile.defect("/k", mode: mode)
        #expect(words.map { defect?.contains($0) == true } ?? (defect == nil))
    }
}
