import Testing

@testable import controlplane

@Suite("one account, whatever else is configured")
struct TunnelAccountTests {
    private static func vpnc(
        host: String = "198.51.100.1", device: String = "dv-work", user: String = "rob",
        password: Secret = .file("/p"), idleMs: Int? = 300_000, dhGroup: VPNCClient.DHGroup = .dh2,
        nat: VPNCClient.NATTraversal = .natt, script: String? = nil
    ) -> TunnelSettings {
        let client = VPNCClient(
            host: host, device: device, group: "staff", groupSecret: .file("/g"), username: user,
            password: password, natTraversal: nat, dhGroup: dhGroup, script: script)
        return TunnelSettings(idleMs: idleMs, client: .vpnc(client))
    }

    @Test(
        "device, idle, algorithms and script make another tunnel and the same account",
        arguments: [
            vpnc(device: "dv-other"), vpnc(idleMs: nil), vpnc(dhGroup: .dh14),
            vpnc(nat: .forceNatt), vpnc(script: "/s"),
        ])
    func same(other: TunnelSettings) {
        #expect(other.name != Self.vpnc().name)
        #expect(other.account == Self.vpnc().account)
    }

    @Test(
        "another gateway, user or place of a secret makes another account",
        arguments: [vpnc(host: "198.51.100.2"), vpnc(user: "eve"), vpnc(password: .file("/q"))])
    func another(other: TunnelSettings) {
        #expect(other.account != Self.vpnc().account)
    }

    @Test("a lock keeps its name over versions of dvpn")
    func stable() {
        #expect(Self.vpnc().account == "198.51.100.1-c1d47d79bd11166f")
        #expect(Self.vpnc().account != Self.vpnc().name)
    }

    @Test("a command is known by what it starts")
    func command() {
        func account(_ device: String, _ start: [String]) -> String {
            let client = CommandClient(device: device, start: start, stop: [device])
            return TunnelSettings(idleMs: nil, client: .command(client)).account
        }
        #expect(account("a", ["/up", "x"]) == account("b", ["/up", "x"]))
        #expect(account("a", ["/up", "x"]) != account("a", ["/up", "y"]))
    }
}

@Suite("what is remembered of accounts")
struct TunnelMemoryTests {
    @Test("a lock holds for all tunnels of the account, and so does its end")
    func shared() async throws {
        let directory = TestDirectory()
        func open() throws -> TunnelMemory {
            TunnelMemory(
                locks: try LockStore.open(stateDirectory: directory.path).store,
                held: HeldStore(runtime: directory.path))
        }
        func tunnel(_ idleMs: Int?) -> TunnelSettings {
            TunnelSettings(
                idleMs: idleMs, client: .command(CommandClient(device: "d", start: ["/up"])))
        }
        let (failure, none) = (Failure(.authentication, "no"), CredentialFingerprint(files: [:]))
        let memory = try open()
        try await memory.lock(tunnel(1), failure, none)
        #expect(await memory.recall(tunnel(2), none).lock == failure)
        #expect(await memory.knows(tunnel(3), of: []))
        // A person takes networks down, whatever their tunnel is.
        try await memory.setHeld(["work"], true)
        #expect(await memory.recall(tunnel(2), of: ["home", "work"], none).heldDown)
        #expect(await memory.recall(tunnel(2), of: ["home"], none).heldDown == false)
        try await memory.unlock(tunnel(2))
        #expect(await memory.recall(tunnel(1), none).lock == nil)

        // As earlier versions have left it: by the tunnel's name.
        var locks = try LockStore.open(stateDirectory: directory.path).store
        try locks.lock(tunnel(1).name, failure, credentials: none, since: 0)
        let next = try open()
        #expect(await next.recall(tunnel(1), none).lock == failure)
        try await next.unlock(tunnel(1))
        #expect(try await open().knows(tunnel(1), of: []) == false)
    }
}
