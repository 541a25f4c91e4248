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
