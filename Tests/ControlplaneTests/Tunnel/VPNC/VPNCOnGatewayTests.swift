import Glibc
import Testing

@testable import controlplane

extension OnGatewayTests {
    @Suite("vpnc and a real concentrator")
    struct VPNCTests {
        @Test("up, use, stop leaves nothing, the next dial waits; secrets are nowhere to be seen")
        func life() async throws {
            let lab = try ClientLab(.lab() as VPNC)
            let before = try await GatewayLab.hostState()
            let device = try await lab.up()
            #expect(device.name == "dv-work")
            #expect(device.addresses.first?.hasPrefix("10.66.200.") == true)
            #expect(device.mtu == 1_412)
            #expect(device.outerAddress == "203.0.113.2")
            #expect(
                device.pushed
                    == PushedSettings(
                        nameServers: ["10.66.0.10"], domains: ["corp.example"],
                        routes: ["10.66.0.0/24"], banner: "Welcome to corp"))
            #expect(lab.events.all == [.deviceUp(device), .ready])
            #expect(try await GatewayLab.hostState() == before)
            #expect(
                try await GatewayLab.shell("ip route show table all dev dv-work type unicast") == ""
            )
            let answer = try await GatewayLab.shell(
                "ip route add 10.66.0.10 dev dv-work && ping -c 1 -W 5 10.66.0.10")
            #expect(answer.contains("1 received"), "\(answer)")

            let pid = try #require(lab.pid)
            for file in ["cmdline", "environ"] {
                let text = try ProcessFiles.text("/proc/\(pid)/\(file)") ?? ""
                #expect(!text.isEmpty && !text.contains("Secret-1"), "\(file)")
            }
            // What was in the pipe is in nobody's reach any more.
            #expect(try await GatewayLab.shell("timeout 1 cat /proc/\(pid)/fd/0") == "")
            let paths = ClientPaths(runtime: lab.host.runtime, tunnel: "work")
            #expect(try await !GatewayLab.shell("cat \(paths.directory)/*").contains("Secret-1"))

            await lab.tunnel.stop()
            #expect(try await lab.events.end() == nil)
            #expect(lab.events.notes == [])
            try await lab.expectNothing()
            #expect(try await GatewayLab.hostState() == before)

            lab.events.clear()
            let start = ContinuousClock.now
            _ = try await lab.up()
            #expect(ContinuousClock.now - start > .milliseconds(1_500))
            #expect(lab.events.notes.first?.contains("to forget the last session") == true)
            await lab.tunnel.stop()
            try await lab.expectNothing()
        }

        @Test("each way to fail by its name, and nothing left of it")
        func failures() async throws {
            func kind(
                _ program: VPNC, address: String? = GatewayLab.gateway
            ) async throws -> Failure.Kind? {
                let lab = try ClientLab(program)
                await lab.tunnel.start(attempt: 1, address: address)
                let failure = try await lab.events.failure()
                try await lab.expectNothing()
                return failure?.kind
            }
            #expect(try await kind(.lab(secret: "wrong")) == .authentication)
            #expect(try await kind(.wrongPassword()) == .authentication)
            #expect(try await kind(.lab(username: "nobody")) == .authentication)
            #expect(try await kind(.lab(group: "other")) == .protocolError)
            #expect(try await kind(.lab(dhGroup: .dh18)) == .protocolError)
            #expect(try await kind(.lab(), address: "198.51.100.1") == .refused)
            #expect(try await kind(.lab(host: "vpn.invalid"), address: nil) == .nameNotResolved)
            #expect(try await kind(.lab(), address: "192.88.99.1") == .unreachable)
            try await GatewayLab.shell(
                "install -m 644 /dev/null \(GatewayLab.directory)/vpngw/public.secret")
            #expect(try await kind(.lab(secret: "public")) == .configuration)
            try await GatewayLab.shell("ip tuntap add dev dv-work mode tun")
            let lab = try ClientLab(.lab() as VPNC)
            await lab.tunnel.start(attempt: 1, address: GatewayLab.gateway)
            #expect(try await lab.events.failure()?.message.contains("dvpn did not make") == true)
            try await GatewayLab.shell("ip link delete dv-work")
            try await lab.expectNothing()
            try await GatewayLab.shell("ip route save default >/tmp/routes; ip route del default")
            #expect(try await kind(.lab()) == .unreachable)
            try await GatewayLab.shell("ip route restore </tmp/routes")
        }

        @Test("killed, asked by a stranger, its device taken: an end with that reason")
        func ends() async throws {
            for (command, kind) in [
                ("kill -KILL", Failure.Kind.killed), ("kill -TERM", .killed),
                ("ip link delete dv-work;:", .lost),
            ] {
                let lab = try ClientLab(.lab() as VPNC)
                _ = try await lab.up()
                try await GatewayLab.shell("\(command) \(try #require(lab.pid))")
                #expect(try await lab.events.end()?.kind == kind, "\(command)")
                try await lab.expectNothing()
            }
        }

        @Test("another life adopts the tunnel; kill -9 of the first one changes nothing")
        func adoption() async throws {
            let directory = TestDirectory()
            let path = directory.path
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                let host = try ClientLab.host(path)
                let tunnel = ClientTunnel(name: "work", program: VPNC.lab(), host: host)
                await tunnel.start(attempt: 1, address: GatewayLab.gateway)
                for await event in tunnel.events where event == .ready { kill(getpid(), SIGKILL) }
            }
            let host = try ClientLab.host(path)
            #expect(await host.removeLeftovers(keeping: ["work"]) == [])
            let tunnel = ClientTunnel(name: "work", program: VPNC.lab(), host: host)
            let events = EventBook(tunnel)
            #expect(await tunnel.adopt())
            let all = try await events.wait("the device") {
                if case .deviceUp(let device) = $0 {
                    device.pushed.domains == ["corp.example"]
                } else {
                    false
                }
            }
            #expect(all.count == 1)
            let pid = try #require(host.records().first?.process?.pid)
            #expect(kill(pid, 0) == 0)
            // Not our child: its end is seen all the same, and the log tells why.
            kill(pid, SIGTERM)
            let failure = try await events.end()
            #expect(failure?.kind == .killed)
            #expect(failure?.evidence == "vpnc: terminated by signal: 15")
            #expect(host.records() == [])
            // And then it is dialled like any other.
            events.clear()
            await tunnel.start(attempt: 1, address: GatewayLab.gateway)
            try await events.up()
            await tunnel.stop()
        }

        @Test(
            "kill -9 of the controlplane in the middle of a dial: the next life ends or adopts it")
        func crash() async throws {
            for delayMs in [0, 10, 30, 60, 90] {
                let directory = TestDirectory()
                let path = directory.path
                await #expect(processExitsWith: .signal(SIGKILL)) {
                    [path = path as String, delayMs = delayMs as Int] in
                    let host = try ClientLab.host(path)
                    let tunnel = ClientTunnel(name: "work", program: VPNC.lab(), host: host)
                    await tunnel.start(attempt: 1, address: GatewayLab.gateway)
                    while host.records().isEmpty { try await Task.sleep(for: .milliseconds(1)) }
                    try await Task.sleep(for: .milliseconds(delayMs))
                    kill(getpid(), SIGKILL)
                }
                let host = try ClientLab.host(path)
                let tunnel = ClientTunnel(name: "work", program: VPNC.lab(), host: host)
                if await tunnel.adopt() { await tunnel.stop() }
                #expect(host.records() == [], "after \(delayMs) ms")
                #expect(!TunnelDevices.exists("dv-work"), "after \(delayMs) ms")
                #expect(try await GatewayLab.shell("pgrep vpnc") == "", "after \(delayMs) ms")
            }
        }

        @Test("a refusal that nobody saw locks at the next start, without another try")
        func unseen() async throws {
            let directory = TestDirectory()
            let path = directory.path
            // vpnc waits for it, so that the controlplane can die before vpnc has dialled.
            directory.write("slow", "#!/bin/sh\nsleep 0.3\n", mode: 0o755)
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                let host = try ClientLab.host(path)
                let tunnel = ClientTunnel(
                    name: "work", program: VPNC.wrongPassword(script: "\(path)/slow"), host: host)
                await tunnel.start(attempt: 1, address: GatewayLab.gateway)
                while host.records().isEmpty { try await Task.sleep(for: .milliseconds(1)) }
                try await Task.sleep(for: .milliseconds(100))
                kill(getpid(), SIGKILL)
            }
            let host = try ClientLab.host(path)
            let log = ClientPaths(runtime: host.runtime, tunnel: "work").log
            while try ProcessFiles.text(log)?.contains("unsuccessful") != true {
                try await Task.sleep(for: .milliseconds(10))
            }
            let tunnel = ClientTunnel(name: "work", program: VPNC.wrongPassword(), host: host)
            let events = EventBook(tunnel)
            while await GatewayLab.isRunning("vpnc") {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(await tunnel.adopt() == false)
            let all = try await events.wait("a note") { if case .note = $0 { true } else { false } }
            #expect(all.count == 1)
            // What shows the refusal stays until its owner has written it down.
            #expect(!host.records().isEmpty)
            #expect(await tunnel.takeRefusal()?.locks == true)
            await tunnel.stop()
            #expect(host.records().isEmpty)
        }

        @Test("stop in the middle of a dial leaves nothing")
        func stopWhileDialling() async throws {
            for delayMs in [0, 5, 20, 40, 80, 160] {
                let lab = try ClientLab(.lab() as VPNC)
                await lab.tunnel.start(attempt: 1, address: GatewayLab.gateway)
                try await Task.sleep(for: .milliseconds(delayMs))
                await lab.tunnel.stop()
                try await lab.expectNothing()
            }
        }

        @Test("a person is asked, and answers, or does not")
        func asked() async throws {
            let lab = try ClientLab(.lab(password: .ask) as VPNC)
            await lab.tunnel.start(attempt: 1, address: GatewayLab.gateway)
            try await lab.events.wait("the question") {
                $0 == .asks("the password of alice at \(GatewayLab.gateway)")
            }
            #expect(lab.pid == nil)
            await lab.tunnel.provide("xauth-Secret-1")
            _ = try await lab.events.up()
            await lab.tunnel.stop()

            // By an agent of systemd's, as a desktop or a console has one.
            lab.events.clear()
            await lab.tunnel.start(attempt: 1, address: GatewayLab.gateway)
            try await lab.events.wait("the question") {
                if case .asks(.some) = $0 { true } else { false }
            }
            try await GatewayLab.shell(
                """
                until grep -qs Id=dvpn:dv-work /run/systemd/ask-password/ask.*; do sleep 0.02; done
                printf xauth-Secret-1 | /lib/systemd/systemd-reply-password 1 \
                    $(sed -n s/^Socket=//p /run/systemd/ask-password/ask.*)
                """)
            _ = try await lab.events.up()
            #expect(lab.events.all.contains(.asks(nil)))
            await lab.tunnel.stop()

            let unanswered = try ClientLab(
                .lab(password: .ask) as VPNC, answerLimit: .seconds(1))
            await unanswered.tunnel.start(attempt: 1, address: GatewayLab.gateway)
            let failure = try await unanswered.events.failure()
            #expect(failure?.kind == .timedOut)
            #expect(failure?.locks == false)
            try await unanswered.expectNothing()
        }

        @Test("what is not wanted any more is ended by another life")
        func leftovers() async throws {
            let lab = try ClientLab(.lab() as VPNC)
            _ = try await lab.up()
            let pid = try #require(lab.pid)
            let other = try ClientLab(.lab() as VPNC, earlier: lab, name: "other")
            _ = await other.host.removeLeftovers(keeping: ["work"])
            #expect(kill(pid, 0) == 0)
            _ = await other.host.removeLeftovers(keeping: nil)
            #expect(kill(pid, 0) != 0)
            #expect(ProcessFiles.names(in: other.host.runtime) == [])
        }
    }
}

extension GatewayLab {
    static func isRunning(_ program: String) async -> Bool {
        ((try? await shell("pgrep -x \(program)")) ?? "") != ""
    }

    /// How often the concentrator has judged a name and a password.
    static func xauthTries() async throws -> String {
        try await shell("grep -c 'XAuth authentication of' \(directory)/log/charon")
    }
}
