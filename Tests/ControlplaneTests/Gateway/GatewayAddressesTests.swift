import Testing

@testable import controlplane

@Suite("Where gateways were found")
struct GatewayAddressesTests {
    private let directory = TestDirectory()

    @Test("the last address that worked is remembered over a reboot")
    func remembers() throws {
        var addresses = GatewayAddresses(stateDirectory: directory.path)
        try addresses.worked("198.51.100.3", for: "vpn.corp.example")
        try addresses.worked("198.51.100.4", for: "vpn.corp.example")
        #expect(
            GatewayAddresses(stateDirectory: directory.path).lastGood
                == ["vpn.corp.example": "198.51.100.4"])
    }

    @Test("a literal needs no memory")
    func literals() throws {
        var addresses = GatewayAddresses(stateDirectory: directory.path)
        try addresses.worked("198.51.100.3", for: "198.51.100.3")
        #expect(addresses.lastGood.isEmpty)
    }
}
