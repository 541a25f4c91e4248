import Testing

@testable import controlplane

@Suite("The guard before the network")
struct GuardTests {
    @Test("has the prefixes of tunnels, what their gateways pushed, and no steering")
    func script() throws {
        let directory = TestDirectory()
        let text = """
            [[network]]
            name = "home"
            prefixes = ["10.1.2.0/24", "fd00:1:2::/64"]
            via = "ssh"
            gateway = "dvpn@198.51.100.2"
            [[network]]
            name = "near"
            prefixes = ["10.9.0.0/24"]
            via = "direct"
            """
        let configuration = try ConfigParser.parse([
            ConfigText(file: "dvpn.toml", text: text)
        ])
        let script = Guard.script(configuration, stateDirectory: directory.path)
        #expect(script.contains("add element inet dvpn_guard private4 { 10.1.2.0/24 }"))
        #expect(script.contains("private6 { fd00:1:2::/64 }"))
        #expect(!script.contains("10.9.0"))
        #expect(!script.contains("inet dvpn "))
    }
}
