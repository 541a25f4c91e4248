import Glibc
import Testing

@testable import controlplane

private let refused = Failure(.authentication, "no", evidence: "Permission denied (publickey).")

@Suite("locks outlive us")
struct LockStoreTests {
    private let directory = TestDirectory()

    private func open() throws -> LockStore {
        try LockStore.open(stateDirectory: directory.path).store
    }

    @Test("a lock is there after a restart, with its reason")
    func persists() throws {
        directory.write("id", "secret", mode: 0o600)
        let credentials = CredentialFiles.fingerprint(["\(directory.path)/id"])
        var store = try open()
        try store.lock("home", refused, credentials: credentials, since: 1_700_000_000)
        let again = try open()
        #expect(again["home"]?.failure == refused)
        #expect(again["home"]?.since == 1_700_000_000)
        #expect(again.valid("home", credentials: credentials)?.failure == refused)
        #expect(again.valid("work", credentials: credentials) == nil)
        #expect(again.names == ["home"])
    }

    @Test("it falls with another secret, and with known_hosts appearing")
    func credentialsChange() throws {
        directory.write("id", "secret", mode: 0o600)
        let paths = ["\(directory.path)/id", "\(directory.path)/known_hosts"]
        let before = CredentialFiles.fingerprint(paths)
        #expect(before.files.count == 1)
        var store = try open()
        try store.lock("home", refused, credentials: before, since: 0)
        directory.write("id", "secreT", mode: 0o600)
        let after = CredentialFiles.fingerprint(paths)
        #expect(store.valid("home", credentials: after) == nil)
        directory.write("known_hosts", "x")
        #expect(CredentialFiles.fingerprint(paths) != after)
    }

    @Test(
        "only what can be read, and is another one, lifts it",
        arguments: [
            (["/a": "1", "/b": "2"], true), (["/a": "1"], true), ([:], true),
            (["/a": "1", "/b": "3"], false), (["/a": "4"], false),
            // Not known when it was locked.
            (["/a": "1", "/c": "9"], true), (["/old": "5"], true),
        ])
    func secretsChange(now: [String: String], isLocked: Bool) throws {
        var store = try open()
        let then = CredentialFingerprint(
            files: [:], secrets: ["/a": "1", "/b": "2", "/old": "none"])
        try store.lock("home", refused, credentials: then, since: 0)
        let credentials = CredentialFingerprint(files: [:], secrets: now)
        #expect((store.valid("home", credentials: credentials) != nil) == isLocked)
    }

    @Test("a key that is gone or cut for a moment does not lift it")
    func keyIsBeingWritten() throws {
        let paths = ["\(directory.path)/id"]
        directory.write("id", "secret", mode: 0o600)
        var store = try open()
        let then = CredentialFiles.fingerprint(paths)
        try store.lock("home", refused, credentials: then, since: 0)
        #expect(store.valid("home", credentials: .init(files: [:])) != nil)
        directory.write("id", "", mode: 0o600)
        #expect(store.valid("home", credentials: CredentialFiles.fingerprint(paths)) != nil)
        directory.write("id", "another", mode: 0o600)
        #expect(store.valid("home", credentials: CredentialFiles.fingerprint(paths)) == nil)
    }

    @Test("unlocked is unlocked after a restart too")
    func unlocks() throws {
        var store = try open()
        try store.lock("home", refused, credentials: .init(files: [:]), since: 0)
        try store.unlock("home")
        try store.unlock("never")
        #expect(try open().names == [])
    }

    @Test(
        "a damaged file is put aside and said",
        arguments: ["", "{", "{\"version\":9,\"locks\":{}}"])
    func damage(content: String) throws {
        directory.write("locks.json", content)
        let (store, damage) = try LockStore.open(stateDirectory: directory.path)
        #expect(store.names == [])
        #expect(damage?.contains("locks.json.damaged") == true)
        #expect(ProcessFiles.names(in: directory.path) == ["locks.json.damaged"])
    }

    @Test("who was taken down stays down over a restart")
    func held() throws {
        var store = HeldStore(runtime: directory.path)
        try store.set("home", held: true)
        try store.set("work", held: true)
        try store.set("work", held: false)
        #expect(HeldStore(runtime: directory.path).names == ["home"])
    }
}
