import Testing

@testable import controlplane

/// Samples are what iproute2 6.1 answered.
@Suite("How the host is attached to the world")
struct AttachmentTests {
    private static let route =
        #"[{"dst":"default","gateway":"203.0.113.1","dev":"wan0","protocol":"dhcp","flags":[]}]"#

    private static func links(_ names: String...) -> String {
        let links = names.map { name in
            #"{"ifname":"\#(name)","addr_info":[{"local":"203.0.113.2","scope":"global"},"#
                + #"{"local":"fe80::1","scope":"link"}]}"#
        }
        return "[\(links.joined(separator: ","))]"
    }

    @Test("default routes and addresses, but not what dvpn made itself")
    func takes() throws {
        let attachment = try Attachment(
            routes: [Self.route, ""], links: Self.links("wan0", "dvpn0", "dv-work"))
        #expect(attachment.lines == ["203.0.113.1 wan0 -", "wan0 203.0.113.2"])
    }

    @Test("another gateway, another device or no route at all is another attachment")
    func differs() throws {
        let links = Self.links("wan0")
        let before = try Attachment(routes: [Self.route], links: links)
        let gateway = Self.route.replacing("203.0.113.1", with: "203.0.113.254")
        #expect(try Attachment(routes: [gateway], links: links) != before)
        #expect(try Attachment(routes: ["[]"], links: links) != before)
        #expect(try Attachment(routes: [Self.route], links: Self.links("wlan0")) != before)
        #expect(try Attachment(routes: [Self.route], links: links) == before)
    }

    @Test("the way to an address: by which device, from which address")
    func path() {
        let json =
            #"[{"dst":"198.51.100.3","gateway":"203.0.113.1","dev":"wan0","#
            + #""prefsrc":"203.0.113.2","flags":[],"uid":0,"cache":[]}]"#
        #expect(OuterPath.parse(json) == OuterPath(device: "wan0", source: "203.0.113.2"))
        #expect(OuterPath.parse(json.replacing("wan0", with: "dvpn0")) == nil)
        #expect(OuterPath.parse("[]") == nil)
    }
}
