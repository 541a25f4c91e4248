import Glibc
import Testing

@testable import controlplane

@Suite(
    "A dnsmasq of our own", .enabled(if: TestDnsmasq.missing == nil), .timeLimit(.minutes(2)))
struct ManagedDnsmasqTests {
    private let fixture: NameFixture
    private let settings: DNSSettings
    private var port: UInt16 { UInt16(settings.port) }

    init() async throws {
        fixture = try await NameFixture()
        var settings = DNSSettings()
        settings.mode = .managed
        settings.listen = ["127.0.0.1"]
        settings.upstream = [.loopback(port: fixture.world.port)]
        settings.port = Int(try TestDnsmasq.freePort())
        self.settings = settings
    }

    @Test("its configuration")
    func configuration() {
        var settings = DNSSettings()
        settings.listen = ["192.168.77.1", "fd77::1"]
        let rules = DnsmasqRules([ZoneSamples.zone()], forwarder: .loopback(port: 3853))
        func render() -> String {
            ManagedConfiguration.render(
                settings, rules: rules, paths: NamePaths(runtime: "/run/dvpn"), user: "dnsmasq")
        }
        let all = """
            # Written by dvpn-controlplane for a dnsmasq of its own; changes are lost.
            port=53
            listen-address=192.168.77.1
            listen-address=fd77::1
            bind-dynamic
            user=dnsmasq
            pid-file=
            log-facility=-
            dns-forward-max=1000
            cache-size=1000
            domain-needed
            bogus-priv
            stop-dns-rebind
            rebind-domain-ok=/corp.example/
            servers-file=/run/dvpn/dns/servers.conf
            addn-hosts=/run/dvpn/dns/hosts

            """
        #expect(render() == all)
        settings.upstream = [.loopback(port: 54)]
        #expect(
            render()
                == all.replacing(
                    "dns-forward-max", with: "no-resolv\nserver=127.0.0.1#54\ndns-forward-max"))
    }

    @Test("private names from the private server, all others from the public one")
    func names() async throws {
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone()])
        #expect(await service.findings() == [])
        let client = try await DNSClient.datagram(port: port)
        #expect(await client.look("www.corp.example") == "10.66.0.80")
        #expect(await client.look("www.example.net") == "198.18.0.80")
        // The world answers everything: it was not asked for this one.
        #expect(await client.look("none.corp.example") == "code 3")
        #expect(await client.look("vpn.corp.example") == "203.0.113.7")
        // A private address of a public name is an attack; of a private name it is the truth.
        #expect(await client.look("rebound.example.net") == "nothing")
        let reverse = await client.ask("80.0.66.10.in-addr.arpa", type: DNSSamples.typePTR)
        #expect(reverse?.responseCode == 0)
        #expect(fixture.world.queries("www.corp.example") == 0)
        #expect(fixture.world.queries("80.0.66.10.in-addr.arpa") == 0)
        await service.stop(leavingManaged: false)
        #expect(await client.look("www.example.net") == "timeout")
        #expect(ProcessFiles.names(in: fixture.runtime) == [])
    }

    @Test(
        "refusal at once and without a word to it; other prefixes by SIGHUP, domains by a restart")
    func changes() async throws {
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone(reach: .refusing)])
        let client = try await DNSClient.datagram(port: port)
        let pid = try process().pid
        #expect(await client.look("www.example.net") == "198.18.0.80")
        let start = ContinuousClock.now
        #expect(await client.look("www.corp.example") == "code 2")
        // A server that is asked in vain takes ten seconds.
        #expect(ContinuousClock.now - start < .seconds(4))
        #expect(await client.look("vpn.corp.example") == "203.0.113.7")
        await service.apply([fixture.zone()])
        // Nobody remembers the failure, and everybody the rest.
        #expect(await client.look("www.corp.example") == "10.66.0.80")
        #expect(await client.look("www.example.net") == "198.18.0.80")
        #expect(fixture.world.queries("www.example.net") == 1)
        await service.apply([fixture.zone(prefixes: ["10.66.0.0/16", "10.67.0.0/16"])])
        try await waitFor("the new prefix is private") {
            _ = await client.ask("1.0.67.10.in-addr.arpa", type: DNSSamples.typePTR)
            return fixture.corp.queries("1.0.67.10.in-addr.arpa") > 0
        }
        #expect(try process().pid == pid)
        await service.apply([fixture.zone(["corp.example", "corp.internal"])])
        #expect(try process().pid != pid)
        #expect(await client.look("www.corp.internal") == "10.66.0.81")
        #expect(fixture.world.queries("www.corp.example") == 0)
        await service.stop(leavingManaged: false)
    }

    @Test("it outlives us and is taken over, or replaced where another one is wanted")
    func adoption() async throws {
        let first = fixture.service(settings)
        try await first.start()
        await first.apply([fixture.zone()])
        let pid = try process().pid
        await first.stop()
        let client = try await DNSClient.datagram(port: port)
        #expect(await client.look("www.example.net") == "198.18.0.80")

        let second = fixture.service(settings)
        try await second.start()
        await second.apply([fixture.zone()])
        #expect(try process().pid == pid)
        #expect(await client.look("www.corp.example") == "10.66.0.80")
        await second.stop()

        var other = settings
        other.upstream = []
        let third = fixture.service(other)
        try await third.start()
        await third.apply([fixture.zone()])
        #expect(try process().pid != pid)
        #expect(await client.look("www.corp.example") == "10.66.0.80")
        await third.stop()

        // Another mode has no use for it.
        let fourth = fixture.service(DNSSettings())
        try await fourth.start()
        #expect(await client.look("www.corp.example") == "timeout")
        await fourth.stop(leavingManaged: false)
    }

    @Test("killed, it is started again")
    func killed() async throws {
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone()])
        let old = try process()
        kill(old.pid, SIGKILL)
        let client = try await DNSClient.datagram(port: port)
        try await waitFor("another one runs") {
            (try? process()).map { $0.pid != old.pid } ?? false
        }
        try await waitFor("it answers") {
            await client.look("www.corp.example") == "10.66.0.80"
        }
        await service.stop(leavingManaged: false)
    }

    @Test("killed while nobody watched, it is started again too")
    func killedUnseen() async throws {
        let first = fixture.service(settings)
        try await first.start()
        await first.apply([fixture.zone()])
        await first.stop()
        kill(try process().pid, SIGKILL)
        let second = fixture.service(settings)
        try await second.start()
        await second.apply([fixture.zone()])
        let client = try await DNSClient.datagram(port: port)
        #expect(await client.look("www.corp.example") == "10.66.0.80")
        await second.stop(leavingManaged: false)
    }

    @Test("while another program has the forwarder's port, it is asked for nothing")
    func squatted() async throws {
        let squatter = try await TestDnsmasq("address=/#/6.6.6.6", port: fixture.forwarderPort)
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone()])
        let findings = await service.findings()
        #expect(findings.map(\.code) == [.forwarderFailed])
        #expect(findings.first?.message.contains("Address already in use") == true, "\(findings)")
        #expect(DnsmasqRecord.load(from: fixture.paths().process) == nil)
        await squatter.stop()
        let client = try await DNSClient.datagram(port: port)
        try await waitFor("private names are served at last") {
            await client.look("www.corp.example") == "10.66.0.80"
        }
        #expect(await service.findings() == [])
        #expect(squatter.queries("www.corp.example") == 0)
        await service.stop(leavingManaged: false)
    }

    @Test("what keeps it from starting is told, and tried again")
    func taken() async throws {
        let squatter = try await TestDnsmasq("", port: port)
        let service = fixture.service(settings)
        try await service.start()
        await service.apply([fixture.zone()])
        let findings = await service.findings()
        #expect(findings.map(\.code) == [.dnsmasqFailed])
        #expect(findings.first?.message.contains("Address already in use") == true, "\(findings)")
        await squatter.stop()
        let client = try await DNSClient.datagram(port: port)
        try await waitFor("it runs at last") {
            await client.look("www.corp.example") == "10.66.0.80"
        }
        try await waitFor("all is well") { await service.findings() == [] }
        await service.stop(leavingManaged: false)
    }

    private func process() throws -> ProcessRecord {
        try #require(DnsmasqRecord.load(from: fixture.paths().process)).process
    }
}
