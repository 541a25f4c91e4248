import Testing

@testable import dvpnctl

@Suite("Secrets are taken out of a bug report")
struct RedactionTests {
    @Test(
        "wherever they stand",
        arguments: [
            (#"password = "hunter2""#, "password = [redacted]"),
            ("Xauth password: hunter2", "Xauth password: [redacted]"),
            ("IPSec secret hunter2", "IPSec secret hunter2"),
            (
                "run openvpn --password hunter2 --dev tun0",
                "run openvpn --password [redacted] --dev tun0"
            ),
            (
                #"start = ["/bin/x", "--passwd", "hunter2"]"#,
                #"start = ["/bin/x", "--passwd", [redacted]]"#
            ),
            ("--auth-token=hunter2 x", "--auth-token=[redacted] x"),
            ("Set-Cookie: webvpn; COOKIE='hunter2'", "Set-Cookie: [redacted]; COOKIE=[redacted]"),
            ("https://alice:hunter2@vpn.example/x", "https://alice:[redacted]@vpn.example/x"),
            ("Authorization: Bearer aHVudGVyMg==", "Authorization: Bearer [redacted]"),
            (
                "a\n-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2\n-----END OPENSSH PRIVATE KEY-----\nb",
                "a\n[redacted]\nb"
            ),
            ("-----BEGIN PRIVATE KEY-----\nhunter2", "[redacted]"),
        ])
    func secrets(_ text: String, _ clean: String) {
        #expect(Redaction.clean(text) == clean)
    }

    @Test(
        "what is none stays",
        arguments: [
            #"password = { file = "/etc/dvpn/secrets/work" }"#, "token { ask = true }",
            "network work asks: Password for alice at vpn.example", "https://vpn.example:443/x",
            "the gateway refused our password", "tcp 192.0.2.1:5 → 10.1.2.3:80",
        ])
    func others(_ text: String) {
        #expect(Redaction.clean(text) == text)
    }
}
