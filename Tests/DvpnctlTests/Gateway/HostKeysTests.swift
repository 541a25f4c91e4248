import Testing

@testable import dvpnctl

@Suite("Host keys of a gateway")
struct HostKeysTests {
    private let ed = HostKeys.Key(kind: "ssh-ed25519", base64: "AAAA")
    private let rsa = HostKeys.Key(kind: "ssh-rsa", base64: "BBBB")

    @Test("what ssh-keyscan prints")
    func scanned() {
        let text = """
            # 198.51.100.2:22 SSH-2.0-OpenSSH_9.2p1
            198.51.100.2 ssh-rsa BBBB
            198.51.100.2 ssh-ed25519 AAAA
            198.51.100.2 ssh-ed25519 AAAA

            """
        #expect(HostKeys.scanned(text) == [ed, rsa])
        #expect(HostKeys.scanned("") == [])
    }

    @Test("known_hosts calls a gateway by its port where that is not 22")
    func names() {
        #expect(HostKeys.name(host: "gw", port: 22) == "gw")
        #expect(HostKeys.name(host: "2001:db8::1", port: 2222) == "[2001:db8::1]:2222")
    }

    @Test("new keys are added, and nothing else is touched")
    func added() {
        #expect(
            HostKeys.change("other ssh-rsa BBBB", name: "gw", keys: [ed])
                == .add("other ssh-rsa BBBB\ngw ssh-ed25519 AAAA\n"))
        #expect(
            HostKeys.change("gw ssh-ed25519 AAAA\n", name: "gw", keys: [ed, rsa])
                == .add("gw ssh-ed25519 AAAA\ngw ssh-rsa BBBB\n"))
        #expect(HostKeys.change("", name: "gw", keys: [ed]) == .add("gw ssh-ed25519 AAAA\n"))
    }

    @Test("keys that are there are no change, in a list of names too")
    func known() {
        #expect(HostKeys.change("gw ssh-ed25519 AAAA\n", name: "gw", keys: [ed]) == .none)
        #expect(
            HostKeys.change("a,gw ssh-ed25519 AAAA x\n", name: "gw", keys: [ed]) == .none)
    }

    @Test("another key of the same kind is an alarm; other hosts and kinds keep theirs")
    func replaced() {
        let before = "a,gw ssh-ed25519 CCCC\ngw ssh-rsa BBBB\n"
        #expect(
            HostKeys.change(before, name: "gw", keys: [ed])
                == .replace("a ssh-ed25519 CCCC\ngw ssh-rsa BBBB\ngw ssh-ed25519 AAAA\n"))
    }

    @Test("what is revoked or a comment is no key")
    func marked() {
        let before = "@revoked gw ssh-ed25519 CCCC\n# gw ssh-ed25519 CCCC x\n"
        #expect(
            HostKeys.change(before, name: "gw", keys: [ed])
                == .add(before + "gw ssh-ed25519 AAAA\n"))
    }
}
