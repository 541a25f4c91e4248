import Testing

@testable import controlplane

@Suite("What systemd hears")
struct StatusLineTests {
    private static func tunnel(_ title: String, _ gateway: String? = nil) -> StatusLine.Tunnel {
        .init(title: title, gateway: gateway)
    }

    @Test(
        "The status is a sentence for people",
        arguments: [
            (StatusLine(networks: 0), "0 networks, none up"),
            (StatusLine(networks: 1), "1 network, none up"),
            (
                StatusLine(networks: 3, up: [tunnel("home", "198.51.100.2")]),
                "3 networks, 1 up: home via 198.51.100.2"
            ),
            (
                StatusLine(
                    networks: 9, up: ["d", "b", "a", "e", "c"].map { tunnel($0) }),
                "9 networks, 5 up: a, b, c, 2 more"
            ),
            (
                StatusLine(networks: 2, locked: [tunnel("work")]),
                "2 networks, none up; 1 locked, see `dvpnctl status`: work"
            ),
            (
                StatusLine(networks: 2, troubles: ["the dataplane is not connected", "x"]),
                "degraded: the dataplane is not connected; x; 2 networks, none up"
            ),
        ])
    func text(line: StatusLine, text: String) {
        #expect(line.text == text)
    }

    @Test("A mistake of several lines stays in its own assignment")
    func notices() {
        #expect(ServiceNotice.status("a\nREADY=1\n").text == "STATUS=a; READY=1")
        #expect(ServiceNotice.ready(status: "up").text == "READY=1\nSTATUS=up")
        #expect(ServiceNotice.reloading(at: 17).text == "RELOADING=1\nMONOTONIC_USEC=17")
    }
}
