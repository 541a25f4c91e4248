import Glibc
import Testing

@testable import controlplane

extension OnGatewayTests {
    @Suite("commands that make tunnels")
    struct CommandTests {
        private static let device = GatewayLab.device

        /// A device made by hand, which outlives the command that makes it.
        private static let make = """
            ip tuntap add dev dv-work mode tun && ip addr add 10.66.202.2/32 dev dv-work \
            && ip link set dv-work up
            """

        private func command(
            _ start: [String], stop: [String] = [], ready: CommandClient.Ready = .device,
            host: String? = nil
        ) -> Command {
            Command(
                client: CommandClient(
                    host: host, device: Self.device, start: start, stop: stop, ready: ready))
        }

        private func shell(_ script: String) -> [String] { ["/bin/sh", "-c", script] }

        @Test("a real OpenVPN stays, carries packets, is ended with TERM; its death is an end")
        func openvpn() async throws {
            let start = [
                "openvpn", "--dev", Self.device, "--dev-type", "tun", "--proto", "udp", "--remote",
                GatewayLab.gateway, "1194", "--nobind", "--ifconfig", "10.66.202.2", "10.66.202.1",
                "--auth", "SHA256", "--cipher", "AES-256-CBC", "--secret",
                "\(GatewayLab.directory)/vpngw/openvpn.key",
            ]
            let lab = try ClientLab(command(start, host: GatewayLab.gateway))
            let device = try await lab.up()
            #expect(device.name == Self.device)
            #expect(device.addresses == ["10.66.202.2"])
            #expect(device.mtu == 1_500)
            #expect(device.outerAddress == "203.0.113.2")
            let answer = try await GatewayLab.shell(
                "ip route add 10.66.0.10 dev dv-work && ping -c 3 -W 5 10.66.0.10")
            #expect(!answer.contains(" 0 received"), "\(answer)")
            await lab.tunnel.stop()
            #expect(try await lab.events.end() == nil)
            #expect(lab.events.notes == [])
            try await lab.expectNothing()

            lab.events.clear()
            _ = try await lab.up()
            kill(try #require(lab.pid), SIGKILL)
            #expect(try await lab.events.end()?.kind == .killed)
            try await lab.expectNothing()
        }

        @Test("a command that leaves its tunnel: the device is its life, the stop command its end")
        func left() async throws {
            let directory = TestDirectory()
            let stop = shell(
                "echo $DVPN_DEVICE >\(directory.path)/stopped; ip link delete $DVPN_DEVICE")
            let program = command(shell(Self.make), stop: stop)
            let lab = try ClientLab(program)
            let device = try await lab.up()
            #expect(device.addresses == ["10.66.202.2"])
            try await Task.sleep(for: .milliseconds(700))
            #expect(!lab.events.all.contains { $0.isEnd })
            // Another life takes over what has no process any more.
            let second = try ClientLab(program, earlier: lab)
            #expect(await second.tunnel.adopt())
            await second.tunnel.stop()
            #expect(try await second.events.end() == nil)
            #expect(second.events.notes == [])
            #expect(try ProcessFiles.text(directory.path("stopped")) == "dv-work\n")
            try await second.expectNothing()
        }

        @Test("the device goes: an end; without a stop command it is removed")
        func gone() async throws {
            let lab = try ClientLab(command(shell(Self.make)))
            _ = try await lab.up()
            try await GatewayLab.shell("ip link delete dv-work")
            let failure = try await lab.events.end()
            #expect(failure == Failure(.lost, "the device dv-work is gone"))
            try await lab.expectNothing()

            lab.events.clear()
            _ = try await lab.up()
            await lab.tunnel.stop()
            try await waitFor("it is said") {
                lab.events.notes == ["the device dv-work was left behind; removed"]
            }
            try await lab.expectNothing()
        }

        @Test("ready by a file, ready by a command; a device that was there before stays")
        func readiness() async throws {
            let directory = TestDirectory()
            let file = directory.path("ready")
            let slowly = try ClientLab(
                command(
                    shell("\(Self.make); sleep 0.3; echo yes >\(file); exec sleep 1000"),
                    ready: .file(file)))
            let device = try await slowly.up()
            #expect(device.addresses == ["10.66.202.2"])
            #expect(try ProcessFiles.text(file) == "yes\n")
            await slowly.tunnel.stop()
            try await slowly.expectNothing()

            try await GatewayLab.shell("ip tuntap add dev dv-work mode tun")
            let asked = try ClientLab(
                command(
                    shell("sleep 0.2; touch \(directory.path)/second; exec sleep 1000"),
                    ready: .command(
                        shell("[ -e \(directory.path)/second ] && [ $DVPN_DEVICE = dv-work ]"))))
            #expect(try await asked.up().addresses == [])
            await asked.tunnel.stop()
            #expect(TunnelDevices.exists("dv-work"))
            #expect(asked.events.notes == [])
            try await GatewayLab.shell("ip link delete dv-work")
        }

        @Test("a command whose credentials were refused has a status that says so")
        func refused() async throws {
            let refused = try ClientLab(command(shell("echo AUTH_FAILED >&2; exit 77")))
            await refused.tunnel.start(attempt: 1, address: nil)
            let failure = try await refused.events.failure()
            #expect(failure?.kind == .authentication)
            #expect(failure?.evidence == "AUTH_FAILED")
            try await refused.expectNothing()
        }

        @Test("a command that fails, or is not there, says so")
        func failures() async throws {
            let failing = try ClientLab(command(shell("echo no such key >&2; exit 3")))
            await failing.tunnel.start(attempt: 1, address: nil)
            let failure = try await failing.events.failure()
            #expect(failure?.message == "sh ended with status 3 before the tunnel was up")
            #expect(failure?.evidence == "no such key")
            try await failing.expectNothing()

            let missing = try ClientLab(command(["/nonexistent/up"]))
            await missing.tunnel.start(attempt: 1, address: nil)
            #expect(try await missing.events.failure()?.kind == .configuration)
            try await missing.expectNothing()
        }

        @Test(
            "kill -9 of the controlplane before the tunnel is up: the next life ends what it finds")
        func crash() async throws {
            let directory = TestDirectory()
            let path = directory.path
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                let host = try ClientLab.host(path)
                let start = "ip tuntap add dev dv-work mode tun; exec sleep 1000"
                let program = Command(
                    client: CommandClient(
                        device: "dv-work", start: ["/bin/sh", "-c", start],
                        stop: ["/bin/sh", "-c", "touch \(path)/stopped"]))
                let tunnel = ClientTunnel(name: "work", program: program, host: host)
                await tunnel.start(attempt: 1, address: nil)
                while !TunnelDevices.exists("dv-work") {
                    try await Task.sleep(for: .milliseconds(1))
                }
                kill(getpid(), SIGKILL)
            }
            let host = try ClientLab.host(path)
            let pid = try #require(host.records().first?.process?.pid)
            _ = await host.removeLeftovers(keeping: nil)
            #expect(kill(pid, 0) != 0)
            #expect(!TunnelDevices.exists("dv-work"))
            #expect(try ProcessFiles.text("\(path)/stopped") == "")
        }
    }
}
