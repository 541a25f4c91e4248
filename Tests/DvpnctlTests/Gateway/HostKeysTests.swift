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
        #expect(HostKeys.printed(text) == [ed, rsa])
        #expect(HostKeys.printed("") == [])
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
            HostKeys.change(before, name: "gw", keys: [ed], shown: [ed, rsa])
                == .replace("a ssh-ed25519 CCCC\ngw ssh-rsa BBBB\ngw ssh-ed25519 AAAA\n"))
    }

    @Test("none of the recorded keys is shown any more: an alarm, whatever their kinds are")
    func gone() {
        let before = "gw,b ssh-ed25519 CCCC\nother ssh-rsa BBBB\n"
        let after = "b ssh-ed25519 CCCC\nother ssh-rsa BBBB\ngw ssh-rsa BBBB\n"
        #expect(HostKeys.change(before, name: "gw", keys: [rsa]) == .replace(after))
        // A name that is hashed is no plain one, and ssh finds it.
        let old = HostKeys.Key(kind: "ssh-ed25519", base64: "CCCC")
        #expect(
            HostKeys.change("|1|x|y ssh-ed25519 CCCC\n", name: "gw", keys: [rsa], recorded: [old])
                == .replace("|1|x|y ssh-ed25519 CCCC\ngw ssh-rsa BBBB\n"))
        // One that was compared does not speak for those that are recorded.
        #expect(
            HostKeys.change("gw ssh-rsa DDDD\n", name: "gw", keys: [ed], shown: [ed, rsa])
                == .replace("gw ssh-ed25519 AAAA\n"))
        #expect(
            HostKeys.change("gw ssh-rsa BBBB\n", name: "gw", keys: [ed], shown: [ed, rsa])
                == .add("gw ssh-rsa BBBB\ngw ssh-ed25519 AAAA\n"))
    }

    @Test(
        "what contradicts what is recorded",
        arguments: [
            ("", "ed:A", false), ("ed:A", "", true), ("ed:A", "ed:A rsa:B", false),
            ("ed:A rsa:B", "ed:A", false), ("ed:A", "rsa:B", true), ("ed:A", "ed:B", true),
            ("ed:A rsa:B", "ed:C rsa:B", true), ("ed:A ed:B", "ed:B", false),
            ("ed:A rsa:B", "ec:C rsa:B", false),
        ])
    func differ(recorded: String, shown: String, isAlarm: Bool) {
        func keys(_ text: String) -> [HostKeys.Key] {
            text.split(separator: " ").map { word in
                let parts = word.split(separator: ":").map(String.init)
                return HostKeys.Key(kind: parts[0], base64: parts[1])
            }
        }
        #expect(HostKeys.differ(recorded: keys(recorded), shown: keys(shown)) == isAlarm)
    }

    @Test("what is revoked or a comment is no key")
    func marked() {
        let before = "@revoked gw ssh-ed25519 CCCC\n# gw ssh-ed25519 CCCC x\n"
        #expect(
            HostKeys.change(before, name: "gw", keys: [ed])
                == .add(before + "gw ssh-ed25519 AAAA\n"))
    }
}
