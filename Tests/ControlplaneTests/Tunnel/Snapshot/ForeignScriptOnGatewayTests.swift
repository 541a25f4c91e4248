import Glibc
import Testing

@testable import controlplane

/// A site's own script around the stock one: it says where it stands, and may hang there. The
/// concentrator of the lab pushes split routes; `full` hides them, so that the default route is
/// replaced too.
private func siteScript(_ directory: TestDirectory, hangAt: String, full: Bool = true) -> String {
    let path = directory.path("site-script")
    directory.write(
        "site-script",
        """
        #!/bin/sh
        [ \(full ? 1 : 0) = 1 ] && unset CISCO_SPLIT_INC
        at() { touch \(directory.path)/$reason-$1; [ $reason-$1 = \(hangAt) ] && sleep 1000; }
        at before
        /usr/share/vpnc-scripts/vpnc-script
        at after

        """, mode: 0o755)
    return path
}

private func reached(_ phase: String, _ directory: TestDirectory) async throws {
    for _ in 0..<2_000 {
        if unsafe access(directory.path(phase), F_OK) == 0 { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("\(phase) was not reached")
}

extension OnGatewayTests {
    @Suite("the stock vpnc-script breaks the host, and it is as before")
    struct ForeignScriptTests {
        @Test("its tunnel works, is reported, and ends well")
        func life() async throws {
            let before = try await GatewayLab.hostState()
            let scripts = TestDirectory()
            let lab = try ClientLab(
                .lab(script: siteScript(scripts, hangAt: "", full: false)) as VPNC)
            let device = try await lab.up()
            #expect(device.addresses.first?.hasPrefix("10.66.200.") == true)
            #expect(device.mtu == 1_412)
            #expect(device.pushed.nameServers == ["10.66.0.10"])
            #expect(try await GatewayLab.hostState() != before)
            #expect(
                try await GatewayLab.shell("ping -c 1 -W 5 10.66.0.10").contains("1 received"))
            await lab.tunnel.stop()
            #expect(try await lab.events.end() == nil)
            // The stock script finds what it has saved, and nothing has to be repaired.
            #expect(lab.events.notes == [])
            #expect(try await GatewayLab.hostState() == before)
            #expect(lab.host.snapshots.pending() == [])
            try await lab.expectNothing()
        }

        @Test(
            "kill -9 of vpnc in every phase",
            arguments: [
                "pre-init-before", "pre-init-after", "connect-before", "connect-after",
                "disconnect-before", "disconnect-after",
            ])
        func phases(_ phase: String) async throws {
            let before = try await GatewayLab.hostState()
            let scripts = TestDirectory()
            let lab = try ClientLab(.lab(script: siteScript(scripts, hangAt: phase)) as VPNC)
            await lab.tunnel.start(attempt: 1, address: GatewayLab.gateway)
            let isEnd = phase.hasPrefix("disconnect")
            if isEnd {
                try await lab.events.up()
                kill(try #require(lab.pid), SIGTERM)
            }
            try await reached(phase, scripts)
            let pid = try #require(lab.pid)
            kill(pid, SIGKILL)
            if isEnd {
                #expect(try await lab.events.end()?.kind == .killed)
            } else {
                #expect(try await lab.events.failure()?.kind == .killed)
            }
            #expect(try await GatewayLab.hostState() == before)
            #expect(lab.host.snapshots.pending() == [])
            if phase == "connect-after" || phase == "disconnect-before" {
                let notes = lab.events.notes.joined(separator: "\n")
                #expect(
                    notes.contains("resolv.conf was still the tunnel's (nameserver 10.66.0.10)"))
                #expect(notes.contains("the default route was missing; restored: default via"))
                #expect(notes.contains("a route to the gateway was left behind"))
            }
            try await lab.expectNothing()
        }

        @Test("kill -9 of vpnc while the tunnel stands; resolv.conf as a link and with its mode")
        func whileUp() async throws {
            try await GatewayLab.shell(
                """
                cp -a /etc/resolv.conf /etc/resolv.kept; mv /etc/resolv.conf /run/resolv.real
                chmod 640 /run/resolv.real; printf '# é' >>/run/resolv.real
                ln -s ../run/resolv.real /etc/resolv.conf
                """)
            let before = try await GatewayLab.hostState()
            let scripts = TestDirectory()
            let lab = try ClientLab(.lab(script: siteScript(scripts, hangAt: "")) as VPNC)
            _ = try await lab.up()
            #expect(try await GatewayLab.shell("ip route show default").contains("dev dv-work"))
            // As other programs like to do.
            try await GatewayLab.shell(
                "cp --remove-destination $(realpath /etc/resolv.conf) /etc/resolv.conf")
            kill(try #require(lab.pid), SIGKILL)
            _ = try await lab.events.end()
            #expect(try await GatewayLab.hostState() == before)
            try await lab.expectNothing()
            try await GatewayLab.shell("mv /etc/resolv.kept /etc/resolv.conf; rm /run/resolv.real")
        }

        @Test(
            "kill -9 of vpnc and controlplane: the next life repairs, also when only STATE is left")
        func nextLife() async throws {
            let before = try await GatewayLab.hostState()
            for lost in [false, true] {
                let scripts = TestDirectory()
                let script = siteScript(scripts, hangAt: "")
                let directory = TestDirectory()
                let path = directory.path
                await #expect(processExitsWith: .signal(SIGKILL)) {
                    [path = path as String, script = script as String] in
                    let host = try ClientLab.host(path)
                    let tunnel = ClientTunnel(
                        name: "work", program: VPNC.lab(script: script), host: host)
                    await tunnel.start(attempt: 1, address: GatewayLab.gateway)
                    for await event in tunnel.events where event == .ready {
                        if let pid = host.records().first?.process?.pid { kill(pid, SIGKILL) }
                        kill(getpid(), SIGKILL)
                    }
                }
                #expect(try await GatewayLab.hostState() != before)
                if lost { try await GatewayLab.shell("rm -r \(path)/run") }
                let host = try ClientLab.host(path)
                var notes = await host.removeLeftovers(keeping: ["work"])
                if !lost {
                    let tunnel = ClientTunnel(
                        name: "work", program: VPNC.lab(script: script), host: host)
                    let events = EventBook(tunnel)
                    #expect(await tunnel.adopt() == false)
                    try await events.wait("the notes") {
                        if case .note(let text) = $0 { text.contains("resolv.conf") } else { false }
                    }
                    notes += events.notes
                }
                #expect(notes.contains { $0.contains("resolv.conf was still the tunnel's") })
                #expect(try await GatewayLab.hostState() == before, "\(notes)")
                #expect(host.snapshots.pending() == [])
            }
        }

        @Test("a hanging script is ended by stop; what it did is undone")
        func hanging() async throws {
            let before = try await GatewayLab.hostState()
            let scripts = TestDirectory()
            let lab = try ClientLab(
                .lab(script: siteScript(scripts, hangAt: "connect-after")) as VPNC)
            await lab.tunnel.start(attempt: 1, address: GatewayLab.gateway)
            try await reached("connect-after", scripts)
            await lab.tunnel.stop()
            #expect(try await GatewayLab.hostState() == before)
            try await lab.events.wait("a note of what was ended") {
                if case .note(let text) = $0 {
                    text.contains("that the client left were ended")
                } else {
                    false
                }
            }
            try await lab.expectNothing()
        }

        @Test("the leftovers of an earlier vpnc that detached do not confuse anybody")
        func earlier() async throws {
            let kept = try await GatewayLab.shell("cat /etc/resolv.conf")
            try await GatewayLab.shell(
                """
                mkdir -p /run/vpnc; echo 'nameserver 192.0.2.99' >/run/vpnc/resolv.conf-backup.99
                echo default via 192.0.2.99 >/run/vpnc/defaultroute.99
                (echo '#@VPNC_GENERATED@ -- this file is generated by vpnc'; echo nameserver 10.66.0.10) \\
                    >/etc/resolv.conf
                """)
            let before = try await GatewayLab.hostState()
            let scripts = TestDirectory()
            let lab = try ClientLab(.lab(script: siteScript(scripts, hangAt: "")) as VPNC)
            _ = try await lab.up()
            kill(try #require(lab.pid), SIGKILL)
            _ = try await lab.events.end()
            #expect(try await GatewayLab.hostState() == before)
            try await lab.expectNothing()
            try await GatewayLab.shell(
                "rm -r /run/vpnc; printf '%s' '\(kept)' >/etc/resolv.conf")
        }

        @Test("a script that configures nothing fails the dial with that reason")
        func useless() async throws {
            let lab = try ClientLab(.lab(script: "/bin/true") as VPNC)
            await lab.tunnel.start(attempt: 1, address: GatewayLab.gateway)
            let failure = try await lab.events.failure()
            #expect(failure?.kind == .configuration)
            #expect(failure?.message.contains("/bin/true has not brought dv-work up") == true)
            try await lab.expectNothing()
        }
    }
}
