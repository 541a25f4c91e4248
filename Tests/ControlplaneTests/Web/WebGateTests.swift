import FoundationEssentials
import Testing

@testable import controlplane

@Suite struct WebGateTests {
    private static let token = "0123456789abcdef0123456789abcdef"
    private static let gate = WebGate(
        hosts: ["127.0.0.1:9876", "localhost:9876"], token: SecretValue(Array(token.utf8)))
    private static let bearer = "Bearer \(token)"

    @Test(arguments: [
        (String?.none, WebGate.Verdict.noToken), ("Bearer", .wrongToken), (bearer, .pass),
        ("bearer \(token)", .pass), ("Bearer \(token)0", .wrongToken),
        ("Bearer \(token.dropLast())", .wrongToken), ("Bearer ", .wrongToken),
        ("Token \(token)", .wrongToken), ("Basic \(basic("anyone:\(token)"))", .pass),
        ("Basic \(basic(":\(token)"))", .pass), ("Basic \(basic(token))", .wrongToken),
        ("Basic \(basic("a:b"))", .wrongToken), ("Basic \(basic("a:"))", .wrongToken),
        ("Basic !", .wrongToken),
    ])
    func `the token is a bearer's or a password`(authorization: String?, verdict: WebGate.Verdict) {
        #expect(
            Self.gate.judge(.init(host: "127.0.0.1:9876", authorization: authorization)) == verdict)
    }

    @Test(arguments: [
        (String?("127.0.0.1:9876"), WebGate.Verdict.pass), ("LOCALHOST:9876", .pass),
        ("evil.example:9876", .wrongHost), ("127.0.0.1", .wrongHost), ("127.0.0.1:80", .wrongHost),
        (nil, .wrongHost),
    ])
    func `a name that is not ours is refused, with the token or without`(
        host: String?, verdict: WebGate.Verdict
    ) {
        #expect(Self.gate.judge(.init(host: host, authorization: Self.bearer)) == verdict)
        if verdict != .pass { #expect(Self.gate.judge(.init(host: host)) == .wrongHost) }
    }

    @Test(arguments: [
        (String?.none, String?.none, WebGate.Verdict.pass),
        ("http://127.0.0.1:9876", "same-origin", .pass),
        (nil, "none", .pass), ("http://evil.example", nil, .wrongOrigin),
        (nil, "cross-site", .wrongOrigin), (nil, "same-site", .wrongOrigin),
        // Another program on this host is another origin, too.
        ("http://127.0.0.1:80", nil, .wrongOrigin), ("https://127.0.0.1:9876", nil, .wrongOrigin),
        ("null", nil, .wrongOrigin),
    ])
    func `another page changes nothing`(
        origin: String?, site: String?, verdict: WebGate.Verdict
    ) {
        var question = WebGate.Question(
            host: "127.0.0.1:9876", origin: origin, fetchSite: site, authorization: Self.bearer)
        #expect(Self.gate.judge(question) == .pass, "reading")
        question.isReading = false
        #expect(Self.gate.judge(question) == verdict)
    }

    @Test func `with TLS the page has another origin`() {
        let gate = WebGate(
            hosts: ["gw.example:8443"], scheme: "https", token: SecretValue(Array(Self.token.utf8)))
        func verdict(_ origin: String) -> WebGate.Verdict {
            var question = WebGate.Question(
                host: "gw.example:8443", origin: origin, authorization: Self.bearer)
            question.isReading = false
            return gate.judge(question)
        }
        #expect(verdict("https://gw.example:8443") == .pass)
        #expect(verdict("http://gw.example:8443") == .wrongOrigin)
    }

    @Test(arguments: [
        ("127.0.0.1:9876", "", ["127.0.0.1:9876", "localhost:9876"]),
        ("192.0.2.1:8443", "gw.example", ["192.0.2.1:8443", "gw.example:8443"]),
        (
            "192.0.2.1:443", "gw.example",
            ["192.0.2.1", "192.0.2.1:443", "gw.example", "gw.example:443"]
        ),
    ])
    func `browsers may call it by its address and its names`(
        listen: String, name: String, hosts: [String]
    ) throws {
        let tls = name.isEmpty ? "" : "certificate = \"/c\"\nkey = \"/k\"\nnames = [\"\(name)\"]\n"
        let text = "[web]\nlisten = \"\(listen)\"\ntoken = { file = \"/t\" }\n\(tls)"
        let parsed = try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)])
        #expect(parsed.web?.hosts.sorted() == hosts)
    }

    private static func basic(_ pair: String) -> String { Data(pair.utf8).base64EncodedString() }
}
