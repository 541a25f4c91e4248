import Testing

@testable import controlplane

@Suite("clients: records, names, sessions")
struct ClientPureTests {
    @Test("a record is read back; another version and damage are none")
    func record() throws {
        let directory = TestDirectory()
        var record = ClientRecord(
            tunnel: "work", device: "dv-work", host: "vpn.corp.example", restMs: 2_000,
            graceMs: 2_000, stopCommand: ["/bin/true"], environment: ["A=b"], makesDevice: true)
        record.process = ProcessRecord(pid: 7, started: 8, boot: "b", executable: nil)
        try record.save(to: directory.path("r"))
        #expect(ClientRecord.load(from: directory.path("r")) == record)
        record.version = 2
        try record.save(to: directory.path("r"))
        #expect(ClientRecord.load(from: directory.path("r")) == nil)
        directory.write("r", "{")
        #expect(ClientRecord.load(from: directory.path("r")) == nil)
    }

    @Test("any path stands for itself in a line for sh")
    func quoting() async throws {
        for path in ["/usr/sbin/x", "/a b/$(x)`y`\\\"z", "/it's", "''"] {
            let answer = try await ProcessHelper.run(
                ProcessLaunch(
                    executable: "/bin/sh",
                    arguments: ["-c", "printf %s \(ClientHost.quoted(path))"]),
                limit: .seconds(10), watcher: testWatcher)
            #expect(answer.text == path)
        }
    }

    @Test("a session's members are those with our mark, and nobody else")
    func session() {
        let stat = "4711 (a) b) S 1 4711 77 0 -1 4194560\n"
        func holds(_ environment: String?, leader: Int32 = 77) -> Bool {
            ClientSession.holds(
                stat: stat, environment: environment, leader: leader, mark: "DVPN_REPORT=/r")
        }
        #expect(holds("PATH=/bin\0DVPN_REPORT=/r\0"))
        #expect(!holds("PATH=/bin\0DVPN_REPORT=/r2\0"))
        #expect(!holds("XDVPN_REPORT=/r\0"))
        #expect(!holds(nil))
        #expect(!holds("DVPN_REPORT=/r\0", leader: 4711))
    }

    @Test("a gateway rests after a session, and no other one does")
    func rests() {
        let rests = ClientRests()
        rests.begin("a", restMs: 2_000)
        rests.begin("b", restMs: 0)
        #expect((1_500...2_000).contains(rests.remainingMs("a")))
        #expect(rests.remainingMs("b") == 0)
        // A shorter one does not cut it.
        rests.begin("a", restMs: 10)
        #expect(rests.remainingMs("a") > 1_500)
    }

    @Test("a fingerprint of an older lock has no secrets in it, and is still read")
    func fingerprint() {
        let old = CredentialFingerprint(files: [:])
        #expect(old.secrets == nil)
        #expect(!CredentialFingerprint(files: [:], secrets: ["/x": "digest"]).differs(from: old))
    }
}
