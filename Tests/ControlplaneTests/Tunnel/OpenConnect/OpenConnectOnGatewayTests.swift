import Glibc
import Testing

@testable import controlplane

extension OnGatewayTests {
    @Suite("openconnect and a real ocserv")
    struct OpenConnectTests {
        private func client(
            host: String = "vpn.corp.example", port: Int = 443, username: String = "alice",
            password: String = "password", pin: String? = nil
        ) throws -> OpenConnect {
            let right = try ProcessFiles.text("\(GatewayLab.directory)/vpngw/pin")
            return OpenConnect(
                client: OpenConnectClient(
                    host: host, port: port, device: GatewayLab.device, username: username,
                    password: .file("\(GatewayLab.directory)/vpngw/\(password).secret"),
                    serverCertificate: pin ?? right))
        }

        @Test(
            "up with both families, by name at the pinned address; use; stop ends the session there"
        )
        func life() async throws {
            let lab = try ClientLab(client())
            let before = try await GatewayLab.hostState()
            let device = try await lab.up()
            #expect(device.addresses.first?.hasPrefix("10.66.201.") == true)
            #expect(device.addresses.dropFirst().first?.hasPrefix("fd00:66:0:201:") == true)
            #expect(device.pushed.nameServers == ["10.66.0.10"])
            #expect(device.pushed.domains == ["corp.example"])
            #expect(device.pushed.routes == ["10.66.0.0/24", "fd00:66::/64"])
            #expect(device.outerAddress == "203.0.113.2")
            #expect((1_280...1_500).contains(device.mtu ?? 0))
            #expect(try await GatewayLab.hostState() == before)
            let answer = try await GatewayLab.shell(
                """
                ip route add 10.66.0.10 dev dv-work; ip -6 route add fd00:66::10 dev dv-work
                ping -c 1 -W 5 10.66.0.10; ping -c 1 -W 5 fd00:66::10
                """)
            #expect(answer.split(separator: "1 received").count == 3, "\(answer)")
            let pid = try #require(lab.pid)
            let line = try ProcessFiles.text("/proc/\(pid)/cmdline") ?? ""
            #expect(!line.contains("Secret-1"))
            await lab.tunnel.stop()
            #expect(try await lab.events.end() == nil)
            #expect(lab.events.notes == [])
            try await lab.expectNothing()
        }

        @Test("each way to fail by its name, and nothing left of it")
        func failures() async throws {
            func failure(
                _ program: OpenConnect, address: String? = GatewayLab.gateway
            ) async throws -> Failure? {
                let lab = try ClientLab(program)
                await lab.tunnel.start(attempt: 1, address: address)
                let failure = try await lab.events.failure()
                try await lab.expectNothing()
                return failure
            }
            #expect(try await failure(client(password: "wrong"))?.kind == .authentication)
            #expect(try await failure(client(username: "nobody"))?.kind == .authentication)
            let other = "pin-sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
            let changed = try await failure(client(pin: other))
            #expect(changed?.kind == .hostKeyChanged)
            #expect(changed?.locks == true)
            #expect(try await failure(client(port: 4444))?.kind == .refused)
            #expect(
                try await failure(client(host: "vpn.invalid"), address: nil)?.kind
                    == .nameNotResolved)
            #expect(try await failure(client(), address: "192.88.99.1")?.kind == .unreachable)
            // It is a web server, and not of that kind.
            try await GatewayLab.shell(
                "install -m 644 /dev/null \(GatewayLab.directory)/vpngw/public.secret")
            #expect(try await failure(client(password: "public"))?.kind == .configuration)
        }

        @Test("killed, or asked by a stranger: an end with that reason; adoption by another life")
        func ends() async throws {
            for signal in [SIGKILL, SIGTERM] {
                let lab = try ClientLab(client())
                _ = try await lab.up()
                kill(try #require(lab.pid), signal)
                #expect(try await lab.events.end()?.kind == .killed)
                try await lab.expectNothing()
            }
            let first = try ClientLab(client())
            let device = try await first.up()
            let second = try ClientLab(client(), earlier: first)
            #expect(await second.tunnel.adopt())
            try await second.events.wait("the device") { $0 == .deviceUp(device) }
            await second.tunnel.stop()
            #expect(try await second.events.end() == nil)
            try await second.expectNothing()
        }
    }
}
