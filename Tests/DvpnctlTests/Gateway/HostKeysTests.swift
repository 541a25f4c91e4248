import Testing

@testable import dvpnctl

@Suite("Host keys of a gateway")
struct HostKeysTests {
    private static let fingerprint = "SHA256:ll9LEY2BjKwLKC5oxrLT5gyjRhmirV5RX75E4Dm3jMQ"

    private let ed = HostKeys.Key(kind: "ssh-ed25519", base64: "AAAA")
    private let rsa = HostKeys.Key(kind: "ssh-rsa", base64: "AAAAB")

    @Test("what ssh-keyscan prints")
    func scanned() {
        let text = """
            # 198.51.100.2:22 SSH-2.0-OpenSSH_9.2p1
            198.51.100.2 ssh-rsa AAAAB
            198.51.100.2 ssh-ed25519 AAAA
            198.51.100.2 ssh-ed25519 AAAA

            """
        #expect(HostKeys.printed(text) == [ed, rsa])
        #expect(HostKeys.printed("") == [])
    }

    @Test(
        "what ssh-keyscan complains of is no key",
        arguments: [
            "getaddrinfo gw: Name or service not known",
            "getaddrinfo ssh-gw: Name or service not known",
            "read (gw): No route to host", "gw: Connection closed by remote host",
            "gw ssh-ed25519 is not supported",
        ])
    func complaints(line: String) {
        #expect(HostKeys.printed("\(line)\ngw ssh-ed25519 AAAA\n\(line)\r\n") == [ed])
    }

    @Test(
        "a fingerprint is a whole one",
        arguments: [
            (Self.fingerprint, true), ("", false), ("SHA256:", false), ("SHA256:x", false),
            (String(Self.fingerprint.dropFirst(7)), false),
            (String(Self.fingerprint.suffix(10)), false),
            (String(Self.fingerprint.dropLast()), false), ("\(Self.fingerprint)x", false),
            ("MD5:\(Self.fingerprint.dropFirst(4))", false),
            ("\(Self.fingerprint.dropLast()) ", false),
        ] as [(String, Bool)])
    func fingerprints(text: String, isWhole: Bool) {
        #expect(HostKeys.isFingerprint(text) == isWhole)
    }

    @Test("a key is trusted by its fingerprint, and by no part of it")
    func trusted() {
        let text = "256 \(Self.fingerprint) (ED25519)"
        let other = HostKeyFacts.Print(key: rsa, text: "3072 SHA256:other (RSA)")
        let facts = HostKeyFacts(shown: [HostKeyFacts.Print(key: ed, text: text), other])
        #expect(facts.trusted(Self.fingerprint).map(\.key) == [ed])
        for part in ["", "256", "(ED25519)", "SHA256:x", String(Self.fingerprint.suffix(10))] {
            #expect(facts.trusted(part).isEmpty, "\(part)")
        }
    }

    @Test("known_hosts calls a gateway by its port where that is not 22")
    func names() {
        #expect(HostKeys.name(host: "gw", port: 22) == "gw")
        #expect(HostKeys.name(host: "2001:db8::1", port: 2222) == "[2001:db8::1]:2222")
    }

    @Test("new keys are added, and nothing else is touched")
    func added() {
        #expect(
            HostKeys.change("other ssh-rsa AAAAB", name: "gw", keys: [ed])
                == .add("other ssh-rsa AAAAB\ngw ssh-ed25519 AAAA\n"))
        #expect(
            HostKeys.change("gw ssh-ed25519 AAAA\n", name: "gw", keys: [ed, rsa])
                == .add("gw ssh-ed25519 AAAA\ngw ssh-rsa AAAAB\n"))
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
        let before = "a,gw ssh-ed25519 AAAAC\ngw ssh-rsa AAAAB\n"
        #expect(
            HostKeys.change(before, name: "gw", keys: [ed], shown: [ed, rsa])
                == .replace("a ssh-ed25519 AAAAC\ngw ssh-rsa AAAAB\ngw ssh-ed25519 AAAA\n"))
    }

    @Test("none of the recorded keys is shown any more: an alarm, whatever their kinds are")
    func gone() {
        let before = "gw,b ssh-ed25519 AAAAC\nother ssh-rsa AAAAB\n"
        let after = "b ssh-ed25519 AAAAC\nother ssh-rsa AAAAB\ngw ssh-rsa AAAAB\n"
        #expect(HostKeys.change(before, name: "gw", keys: [rsa]) == .replace(after))
        // A name that is hashed is no plain one, and ssh finds it: `clear` takes it out.
        let old = HostKeys.Key(kind: "ssh-ed25519", base64: "AAAAC")
        #expect(
            HostKeys.change("|1|x|y ssh-ed25519 AAAAC\n", name: "gw", keys: [rsa], recorded: [old])
                == .replace("|1|x|y ssh-ed25519 AAAAC\ngw ssh-rsa AAAAB\n"))
        // One that was compared does not speak for those that are recorded.
        #expect(
            HostKeys.change("gw ssh-rsa AAAAD\n", name: "gw", keys: [ed], shown: [ed, rsa])
                == .replace("gw ssh-ed25519 AAAA\n"))
        #expect(
            HostKeys.change("gw ssh-rsa AAAAB\n", name: "gw", keys: [ed], shown: [ed, rsa])
                == .add("gw ssh-rsa AAAAB\ngw ssh-ed25519 AAAA\n"))
    }

    @Test("blanks may be tabs, and lines may end as elsewhere")
    func blanks() {
        let before = "a,gw\tssh-ed25519\tAAAAC\r\nother ssh-rsa AAAAB\r\n"
        #expect(
            HostKeys.change(before, name: "gw", keys: [ed])
                == .replace(
                    "a ssh-ed25519 AAAAC\nother ssh-rsa AAAAB\r\ngw ssh-ed25519 AAAA\n"))
    }

    @Test("an outdated key goes with its hashed name, and nothing else does")
    func cleared() {
        let old = HostKeys.Key(kind: "ssh-ed25519", base64: "AAAAC")
        let new = "gw ssh-ed25519 AAAA\n"
        let found = """
            # Host gw found: line 1\u{20}
            |1|x|y ssh-ed25519 AAAAC
            # Host gw found: line 3\u{20}
            gw ssh-ed25519 AAAA
            """
        // Line 2 is another host's with the same key.
        #expect(
            HostKeys.clear(
                "|1|x|y ssh-ed25519 AAAAC\n|1|z|z ssh-ed25519 AAAAC\n\(new)", found: found,
                old: [old]) == .text("|1|z|z ssh-ed25519 AAAAC\n\(new)"))
        #expect(HostKeys.clear(new, found: "# Host gw found: line 1 \n", old: [old]) == .text(new))
    }

    @Test(
        "a line that may be another host's as well is a person's matter",
        arguments: ["g*", "GW", "g*,other"])
    func held(names: String) {
        let old = HostKeys.Key(kind: "ssh-ed25519", base64: "AAAAC")
        let text = "# x\n\(names) ssh-ed25519 AAAAC\n"
        #expect(
            HostKeys.clear(text, found: "# Host gw found: line 2 \n", old: [old])
                == .held(["\(names) ssh-ed25519"]))
        // What is revoked, or not found at all, is in nobody's way.
        for found in ["# Host gw found: line 2 REVOKED\n", "# Host gw found: line 1 \n", ""] {
            #expect(HostKeys.clear(text, found: found, old: [old]) == .text(text))
        }
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
        let before = "@revoked gw ssh-ed25519 AAAAC\n# gw ssh-ed25519 AAAAC x\n"
        #expect(
            HostKeys.change(before, name: "gw", keys: [ed])
                == .add(before + "gw ssh-ed25519 AAAA\n"))
    }
}
