import Reports
import Testing

@testable import controlplane

@Suite struct RemedyTests {
    @Test(arguments: [
        ("authentication", "ssh", "`identity`"), ("authentication", "openconnect", "openconnect]"),
        ("authentication", "vpnc", "if that says `ask`, have it ready for dvpnctl login work"),
        ("host-key-changed", "ssh", "dvpnctl gateway pin work --replace"),
        ("host-key-changed", "openconnect", "`server-cert`"),
        ("something-else", "ssh", "mend the cause"),
    ])
    func `a lock is lifted when its cause is mended`(code: String, via: String, words: String) {
        let text = Remedy.of(Self.network(.locked, code, via))
        #expect(text.contains(words) && text.hasSuffix("then: dvpnctl unlock work"), "\(text)")
    }

    @Test(arguments: [
        ("unreachable", "ping 203.0.113.7"), ("timed-out", "ping 203.0.113.7"),
        ("refused", "the port"), ("name-not-resolved", "`gateway`"), ("configuration", "mend"),
        ("lost", "the next packet after the hold-off dials again"),
    ])
    func `what may be dialled again needs nobody`(code: String, words: String) {
        let text = Remedy.of(Self.network(.holdoff, code, "ssh"))
        #expect(text.contains(words) && text.hasSuffix("at once: dvpnctl up work"), "\(text)")
    }

    private static func network(
        _ state: NetworkReport.State, _ code: String, _ via: String
    ) -> NetworkReport {
        NetworkReport(
            name: "work", state: state, since: FakeOperator.since, reason: "r",
            lastError: .init(code: code, text: "t", at: FakeOperator.since),
            gateway: "dvpn@203.0.113.7", via: via, prefixes: [],
            connections: .init(open: 0, opening: 0, parked: 0))
    }
}
