import Reports
import Testing

@testable import dvpnctl

@Suite("What dvpnctl says when it cannot")
struct ClientErrorTests {
    /// An error, its exit status, and its exact text.
    struct Case: Sendable {
        let error: ClientError
        let status: Int32
        let text: String

        init(_ error: ClientError, _ status: Int32, _ text: String) {
            self.error = error
            self.status = status
            self.text = text
        }
    }

    static let cases = [
        Case(
            .notRunning(path: "/run/dvpn/api.sock", reason: "there is no socket"), 3,
            """
            dvpn is not running (no answer at /run/dvpn/api.sock: there is no socket)
            start it with: systemctl start dvpn.target
            if it does not stay: dvpnctl check, then journalctl -u dvpn-controlplane

            """),
        Case(
            .notRunning(path: "/tmp/lab/api.sock", reason: "nobody listens"), 3,
            """
            dvpn is not running (no answer at /tmp/lab/api.sock: nobody listens)
            start it with: dvpn-controlplane --config FILE --runtime-dir /tmp/lab

            """),
        Case(
            .notPermitted(path: "/run/dvpn/api.sock"), 77,
            """
            you may not use /run/dvpn/api.sock
            become root, or a member of the group dvpn-admin

            """),
        Case(
            .noAnswer(path: "/run/dvpn/api.sock", seconds: 10), 1,
            """
            no answer at /run/dvpn/api.sock within 10 s
            the controlplane hangs or is overloaded: look at its log

            """),
        Case(
            .badAnswer("it is nonsense"), 1,
            """
            cannot understand the answer: it is nonsense
            dvpnctl and dvpn-controlplane may be of different versions

            """),
        Case(refused("locked", "home is locked", "unlock it"), 4, "home is locked\nunlock it\n"),
        Case(
            refused("configuration", "a:1:1: error: no\n1 error\n"), 78,
            "a:1:1: error: no\n1 error\n"),
        Case(refused("unknown-network", "no such network"), 1, "no such network\n"),
        Case(refused("dial-failed", "no route"), 1, "no route\n"),
        Case(refused("of-a-later-version", "what"), 1, "what\n"),
    ]

    @Test("has its text and exit status", arguments: cases)
    func text(_ example: Case) {
        #expect(example.error.text == example.text)
        #expect(example.error.exitStatus.rawValue == example.status)
    }

    private static func refused(_ code: String, _ text: String, _ fix: String? = nil) -> ClientError
    {
        .refused(ErrorReport.Problem(code: code, text: text, fix: fix))
    }
}
