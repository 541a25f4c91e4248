import Glibc
import Logging
import Testing

@testable import controlplane

@Suite(
    "The system's dnsmasq, by a drop-in", .enabled(if: TestDnsmasq.missing == nil),
    .timeLimit(.minutes(2)))
struct DropInDnsmasqTests {
    private let fixture: NameFixture
    private let settings: DNSSettings
    private let port: UInt16
    private let system: TestDirectory

    /// A system of which dnsmasq is a service, without systemd: a program restarts it.
    init() async throws {
        fixture = try await NameFixture()
        system = TestDirectory()
        port = try TestDnsmasq.freePort()
        system.makeDirectory("dnsmasq.d")
        system.write(
            "dnsmasq.conf",
            """
            port=\(port)
            listen-address=127.0.0.1
            bind-interfaces
            no-resolv
            no-hosts
            user=root
            stop-dns-rebind
            server=127.0.0.1#\(fixture.world.port)
            log-facility=\(system.path("log"))

            """)
        system.write(
            "restart",
            """
            cd \(system.path)
            if [ -s pid ]; then
                kill $(cat pid)
                while kill -0 $(cat pid) 2>/dev/null; do sleep 0.01; done
            fi
            exec dnsmasq --conf-file=\(system.path)/dnsmasq.conf \\
                --conf-dir=\(system.path)/dnsmasq.d,.dpkg-dist,.dpkg-old,.dpkg-new \\
                --pid-file=\(system.path)/pid

            """)
        var settings = DNSSettings()
        settings.mode = .dropIn
        settings.dropIn = system.path("dnsmasq.d/dvpn.conf")
        settings.systemConfig = system.path("dnsmasq.conf")
        settings.pidFile = system.path("pid")
        settings.restart = ["sh", system.path("restart")]
        self.settings = settings
        try await restart()
    }

    @Test("a restart for the file, SIGHUP for other prefixes, and all of it taken back")
    func life() async throws {
        let service = fixture.service(settings)
        try await service.start()
        let client = try await DNSClient.datagram(port: port)
        #expect(await client.look("www.corp.example") == "198.18.0.99")
        var pids = [pid()]
        await service.apply([fixture.zone()])
        pids.append(pid())
        #expect(await service.findings() == [])
        #expect(await client.look("www.corp.example") == "10.66.0.80")
        #expect(await client.look("vpn.corp.example") == "203.0.113.7")
        // It was started as by its administrator, without the limits of our own children.
        let status = try #require(try ProcessFiles.text("/proc/\(pid())/status"))
        #expect(status.contains("NoNewPrivs:\t0") && !status.contains("Umask:\t0077"))
        let limits = try #require(try ProcessFiles.text("/proc/\(pid())/limits"))
        #expect(limits.contains("Max file size             unlimited"))
        #expect(
            dropIn() == """
                \(DropInText.mark)
                dns-forward-max=1000
                rebind-domain-ok=/corp.example/
                servers-file=\(fixture.runtime)/dns/servers.conf

                """)
        await service.apply([fixture.zone(prefixes: ["10.67.0.0/16"])])
        pids.append(pid())
        try await waitFor("the new prefix is private") {
            _ = await client.ask("1.0.67.10.in-addr.arpa", type: DNSSamples.typePTR)
            return fixture.corp.queries("1.0.67.10.in-addr.arpa") > 0
        }
        await service.apply([fixture.zone(["corp.example", "corp.internal"])])
        pids.append(pid())
        #expect(await client.look("www.corp.internal") == "10.66.0.81")

        // Another life finds all as it should be.
        await service.stop()
        let second = fixture.service(settings)
        try await second.start()
        await second.apply([fixture.zone(["corp.example", "corp.internal"])])
        pids.append(pid())
        #expect(pids[0] != pids[1] && pids[1] == pids[2] && pids[2] != pids[3])
        #expect(pids[3] == pids[4])
        await second.stop(leavingManaged: false)
        #expect(dropIn() == nil && pid() != pids[4])
        #expect(ProcessFiles.names(in: system.path("dnsmasq.d")) == [])
        #expect(ProcessFiles.names(in: fixture.runtime) == [])
        #expect(await client.look("www.corp.example") == "198.18.0.99")
        end()
    }

    @Test("a configuration that dnsmasq refuses stays as it is, and dnsmasq goes on")
    func wrong() async throws {
        let old = pid()
        system.write("dnsmasq.d/other.conf", "cache-size=10\nnonsense=1\n")
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone()])
        let findings = await service.findings()
        #expect(findings.map(\.code) == [.dnsmasqFailed])
        #expect(
            findings.first?.message.contains(
                "nothing was changed: ") == true
                && findings.first?.message.hasSuffix(
                    "bad option at line 2 of \(system.path)/dnsmasq.d/other.conf") == true,
            "\(findings)")
        #expect(dropIn() == nil && pid() == old)
        // Mended, it is taken without another word.
        system.write("dnsmasq.d/other.conf", "cache-size=10\n")
        try await waitFor("the next try") { await service.findings() == [] }
        let client = try await DNSClient.datagram(port: port)
        #expect(await client.look("www.corp.example") == "10.66.0.80")
        // Broken again, an older file of ours stays.
        let before = dropIn()
        system.write("dnsmasq.d/other.conf", "nonsense=1\n")
        await service.apply([fixture.zone(["corp.example", "corp.internal"])])
        #expect(dropIn() == before)
        #expect(await client.look("www.corp.example") == "10.66.0.80")
        await service.stop()
        system.write("dnsmasq.d/other.conf", "")
        await fixture.cleanUp()
        end()
    }

    @Test("what a crash has left of a half-written drop-in is none of dnsmasq's configuration")
    func halfWritten() async throws {
        try AtomicFile.write(
            Array("nonsense=1\n".utf8), to: AtomicFile.temporary(of: settings.dropIn), mode: 0o644,
            durable: false)
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone()])
        #expect(await service.findings() == [])
        #expect(dropIn()?.hasPrefix(DropInText.mark) == true)
        await service.stop(leavingManaged: false)
        end()
    }

    @Test("what the system's configuration says once already stands")
    func once() async throws {
        system.write("dnsmasq.d/other.conf", "dns-forward-max=2000\n")
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone()])
        #expect(await service.findings() == [])
        #expect(dropIn()?.contains("dns-forward-max") == false)
        await service.apply([fixture.zone(["corp.internal"])])
        #expect(await service.findings() == [])
        #expect(dropIn()?.contains("/corp.internal/") == true)
        // Two files of servers cannot be: dnsmasq would not start.
        await service.stop(leavingManaged: false)
        system.write("dnsmasq.d/other.conf", "servers-file=/dev/null\n")
        let second = fixture.service(settings)
        try await second.start()
        await second.apply([fixture.zone()])
        #expect(dropIn() == nil)
        #expect(await second.findings().first?.message.contains("illegal repeated keyword") == true)
        await second.stop(leavingManaged: false)
        end()
    }

    @Test("a restart that fails leaves the earlier state")
    func restartFails() async throws {
        var settings = settings
        settings.restart = ["sh", "-c", "echo no such service >&2; exit 5"]
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone()])
        #expect(dropIn() == nil)
        #expect(await service.findings().first?.message.hasSuffix("no such service") == true)
        await service.stop(leavingManaged: false)
        end()
    }

    @Test("a file of somebody else's is not touched")
    func foreign() async throws {
        system.write("dnsmasq.d/dvpn.conf", "# mine\n")
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone()])
        #expect(dropIn() == "# mine\n")
        #expect(await service.findings().first?.message.contains("not dvpn's file") == true)
        await service.stop(leavingManaged: false)
        #expect(dropIn() == "# mine\n")
        end()
    }

    @Test("another mode, and a clean-up without configuration, take the file away")
    func leftovers() async throws {
        for isReload in [true, false] {
            let service = fixture.service(settings)
            try await service.start()
            await service.apply([fixture.zone()])
            #expect(dropIn() != nil)
            await service.stop()
            if isReload {
                let other = fixture.service(DNSSettings())
                try await other.start()
                await other.stop()
            } else {
                await fixture.cleanUp()
                await fixture.cleanUp()
            }
            #expect(dropIn() == nil)
            let client = try await DNSClient.datagram(port: port)
            #expect(await client.look("www.corp.example") == "198.18.0.99")
        }
        end()
    }

    @Test("after a reboot nobody remembers the file, but it says whose it is")
    func reboot() async throws {
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone()])
        await service.stop()
        let usual = NameRecord.DropIn(path: settings.dropIn, restart: settings.restart)
        // Another instance's file is not ours.
        let other = TestDirectory()
        let log = Logger(label: "test")
        await NameLeftovers(
            paths: NamePaths(runtime: other.path), watcher: testWatcher, log: log,
            usualDropIn: usual
        ).removeAll()
        #expect(dropIn() != nil)
        fixture.paths().remove()
        await NameLeftovers(
            paths: fixture.paths(), watcher: testWatcher, log: log, usualDropIn: usual
        ).removeAll()
        #expect(dropIn() == nil)
        end()
    }

    private func dropIn() -> String? { try? ProcessFiles.text(settings.dropIn) }

    private func pid() -> Int32 {
        let text = (try? ProcessFiles.text(settings.pidFile)) ?? nil
        return text.flatMap { Int32($0.prefix { $0.isNumber }) } ?? 0
    }

    private func restart() async throws {
        let answer = try await ProcessHelper.run(
            ProcessLaunch(executable: "/bin/sh", arguments: [system.path("restart")]),
            limit: .seconds(10), watcher: testWatcher)
        try #require(answer.exit == .status(0), "\(answer.text)")
        try await waitFor("dnsmasq runs") { pid() != 0 }
    }

    private func end() { kill(pid(), SIGTERM) }
}
