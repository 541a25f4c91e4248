import Testing

@testable import controlplane

@Suite struct ToolVersionTests {
    @Test(arguments: [
        ("ip utility, iproute2-6.1.0, libbpf 1.1.0", "6.1.0"),
        ("nftables v1.0.6 (Lester Gooch #5)", "1.0.6"),
        ("OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.17 1 Jul 2025", "9.2"),
        ("Dnsmasq version 2.90  Copyright (c) 2000-2024 Simon Kelley", "2.90"),
        ("vpnc version 0.5.3+git20220927", "0.5.3"), ("OpenConnect version v9.01-3", "9.01"),
        ("ip utility, iproute2-ss200127", nil), ("", nil),
    ])
    func `a version is read from what the program says`(said: String, version: String?) {
        #expect(ToolVersion(said: said)?.description == version)
    }

    @Test func `versions compare by number, not by letter`() {
        #expect(ToolVersion(2, 9) < ToolVersion(2, 86) && ToolVersion(1, 99) < ToolVersion(2, 0))
        #expect(
            ToolVersion(0, 9, 4) < ToolVersion(1, 0) && ToolVersion(0, 9) < ToolVersion(0, 9, 4))
    }
}
