import Testing

@testable import controlplane

@Suite("Doorbell device")
struct DevicePlanTests {
    @Test("none is made")
    func absent() throws {
        #expect(DevicePlan.decide([], ipv6: true) == .create)
    }

    @Test("ours, complete, is adopted as it is")
    func complete() throws {
        #expect(try decide() == .adopt([]))
    }

    @Test("ours without carrier, because no dataplane runs, is complete too")
    func noCarrier() throws {
        #expect(try decide(flags: #""NO-CARRIER","POINTOPOINT","NOARP","UP""#) == .adopt([]))
    }

    @Test("ours, down or just made, is configured")
    func incomplete() throws {
        #expect(
            try decide(flags: #""POINTOPOINT","MULTICAST","NOARP""#, addresses: "")
                == .adopt(DevicePlan.lines(ipv6: true)))
        #expect(try decide(mtu: 1400) == .adopt([DevicePlan.lines(ipv6: false)[0]]))
    }

    @Test("its own link-local address is no stranger's")
    func linkLocal() throws {
        let address = #",{"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}"#
        #expect(try decide(addresses: Self.both + address) == .adopt([]))
    }

    @Test(
        "what another program made is left alone",
        arguments: [
            (#""info_kind":"dummy""#, both),
            (
                #""info_kind":"tun","info_data":{"type":"tap","pi":false,"multi_queue":true,"persist":true}"#,
                both
            ),
            (
                #""info_kind":"tun","info_data":{"type":"tun","pi":false,"multi_queue":false,"persist":true}"#,
                both
            ),
            (
                #""info_kind":"tun","info_data":{"type":"tun","pi":true,"multi_queue":true,"persist":true}"#,
                both
            ),
            (
                #""info_kind":"tun","info_data":{"type":"tun","pi":false,"multi_queue":true,"persist":false}"#,
                both
            ),
            (ours, #"{"family":"inet","local":"10.8.0.1","prefixlen":24,"scope":"global"}"#),
        ])
    func foreign(_ info: String, _ addresses: String) throws {
        guard case .foreign = try decide(info: info, addresses: addresses) else {
            Issue.record("adopted \(info) \(addresses)")
            return
        }
    }

    private static let ours =
        #""info_kind":"tun","info_data":{"type":"tun","pi":false,"vnet_hdr":false,"multi_queue":true,"persist":true}"#

    private static let both = """
        {"family":"inet","local":"192.0.0.8","prefixlen":32,"scope":"global"},\
        {"family":"inet6","local":"fd64:7670:6e00::1","prefixlen":128,"scope":"global"}
        """

    private func decide(
        flags: String = #""POINTOPOINT","NOARP","UP","LOWER_UP""#, mtu: Int = 1500,
        info: String = ours, addresses: String = both
    ) throws -> DevicePlan {
        let json = """
            [{"ifname":"lo","flags":["LOOPBACK","UP"],"mtu":65536,"addr_info":[]},\
            {"ifname":"dvpn0","flags":[\(flags)],"mtu":\(mtu),"txqlen":4096,\
            "linkinfo":{\(info)},"addr_info":[\(addresses)]}]
            """
        return DevicePlan.decide(try LinkListing.parse(json), ipv6: true)
    }
}
