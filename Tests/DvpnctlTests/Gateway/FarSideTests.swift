import Testing

@testable import dvpnctl

@Suite("What a gateway needs")
struct FarSideTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHX7 dvpn@router"

    private func side(
        user: String = FarSide.defaultUser, kind: FarSide.Kind = .forward,
        prefixes: [String] = ["10.1.2.0/24", "fd00:1:2::/64"], keys: [String] = [key]
    ) throws -> FarSide {
        try FarSide(user: user, kind: kind, prefixes: prefixes, keys: keys)
    }

    @Test("the script for a user who forwards, and for one in a jail")
    func scripts() throws {
        try GatewayGolden.expect(
            FarScript.render(side()), equals: "gateway-forward.sh")
        try GatewayGolden.expect(
            FarScript.render(side(kind: .jail, prefixes: ["10.1.2.0/24"])),
            equals: "gateway-jail.sh")
    }

    @Test(
        "users that dvpn's cannot be",
        arguments: ["", "root", "Rob", "a b", "-x", "9lives", "x;id", "x'y", "a.b", "$(id)"])
    func users(name: String) {
        #expect(throws: FarSide.Defect.self) { try side(user: name) }
    }

    @Test(
        "texts that are no prefix",
        arguments: [
            "10.1.2.0", "10.1.2.0/33", "10.1.2/24", "fd00::/129", "x/8", "10.1.2.0/24; }", "/24",
            "",
            "10.1.2.0/-1", "10.1.2.0/24/24",
        ])
    func prefixes(text: String) {
        #expect(throws: FarSide.Defect.self) { try side(prefixes: [text]) }
        #expect(throws: FarSide.Defect.self) { try side(prefixes: []) }
    }

    @Test(
        "texts that are no public key",
        arguments: [
            "", "ssh-ed25519", "AAAA ssh-ed25519", "command=\"x\" ssh-ed25519 AAAA",
            "ssh-ed25519 AA\nEND_OF_DVPN", "ssh-ed25519 A;A", "-----BEGIN OPENSSH PRIVATE KEY-----",
        ])
    func keys(text: String) {
        #expect(throws: FarSide.Defect.self) { try side(keys: [text]) }
        #expect(throws: FarSide.Defect.self) { try side(keys: []) }
    }

    @Test("rules of one family name no set of the other")
    func families() throws {
        let four = try side(prefixes: ["10.0.0.0/8"]).rules
        #expect(four.contains("reachable4") && !four.contains("reachable6"))
        let six = try side(prefixes: ["fd00::/8"]).rules
        #expect(six.contains("reachable6") && !six.contains("reachable4"))
    }

    @Test("other prefixes have another mark")
    func stamps() throws {
        #expect(try side().stamp == side().stamp)
        #expect(try side(prefixes: ["10.0.0.0/8"]).stamp != side().stamp)
    }

    @Test("the script's length is in the command line, and the script is not")
    func command() {
        let words = "sh -c 'eval \"$(head -c 5)\"' dvpn-gateway diff"
        #expect(
            FarScript.command("# ü\n", .diff)
                == "if [ \"$(id -u)\" = 0 ]; then \(words); else sudo -n \(words); fi")
    }

    @Test("prefixes hold their addresses and no others")
    func membership() throws {
        let prefix = try #require(IPPrefix("10.1.2.0/23"))
        func holds(_ text: String) -> Bool { IPPrefix.address(text).map(prefix.contains) ?? false }
        #expect(holds("10.1.3.255") && holds("10.1.2.0"))
        #expect(!holds("10.1.4.0") && !holds("fd00::1") && !holds("host.example"))
        #expect(prefix.firstHost == "10.1.2.1")
        #expect(IPPrefix("fd00:1:2::/64")?.firstHost == "fd00:1:2::1")
        #expect(IPPrefix("10.1.2.3/32")?.firstHost == "10.1.2.3")
    }
}
