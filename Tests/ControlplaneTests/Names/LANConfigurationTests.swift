import Protocol
import Testing

@testable import controlplane

@Suite("What dnsmasq is told of the LAN")
struct LANConfigurationTests {
    private static let settings = DHCPSettings(
        interface: "br-lan", first: Address(ipv4: 0xc0a8_4d64), last: Address(ipv4: 0xc0a8_4dc8),
        leaseSeconds: 43_200, domain: "lan.example",
        hosts: [
            .init(hardware: "02:00:00:00:77:0a", address: "192.168.77.50", name: "printer"),
            .init(hardware: "02:00:00:00:77:0b", address: "192.168.77.51", name: nil),
        ])

    @Test("its configuration")
    func lines() {
        #expect(
            LANConfiguration.lines(
                [Self.settings], hostsFile: "/r/dhcp-hosts", leasesFile: "/s/leases")
                == [
                    "dhcp-authoritative", "dhcp-leasefile=/s/leases",
                    "dhcp-hostsfile=/r/dhcp-hosts", "interface=br-lan", "except-interface=lo",
                    "dhcp-range=tag:br-lan,192.168.77.100,192.168.77.200,43200",
                    "dhcp-option=tag:br-lan,3,0.0.0.0", "dhcp-option=tag:br-lan,6,0.0.0.0",
                    "domain=lan.example,br-lan", "local=/lan.example/",
                ])
        #expect(LANConfiguration.lines([], hostsFile: "", leasesFile: "").isEmpty)
    }

    @Test("hosts with a fixed address, and their names")
    func hosts() {
        #expect(
            LANConfiguration.hosts([Self.settings])
                == "02:00:00:00:77:0a,192.168.77.50,printer\n02:00:00:00:77:0b,192.168.77.51\n")
        #expect(
            LANConfiguration.names([Self.settings])
                == "192.168.77.50 printer.lan.example printer\n")
    }
}
