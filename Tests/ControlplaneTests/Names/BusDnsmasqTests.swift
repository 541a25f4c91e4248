import Glibc
import Testing

@testable import controlplane

@Suite(
    "The system's dnsmasq, over D-Bus", .enabled(if: TestBus.missing == nil),
    .timeLimit(.minutes(2)))
struct BusDnsmasqTests {
    private let fixture: NameFixture
    private let bus: TestBus
    private let settings: DNSSettings
    private let port: UInt16

    init() async throws {
        fixture = try await NameFixture()
        bus = try await TestBus()
        port = try TestDnsmasq.freePort()
        var settings = DNSSettings()
        settings.mode = .dbus
        self.settings = settings
    }

    private func dnsmasq() async throws -> TestDnsmasq {
        try await TestDnsmasq(
            "enable-dbus\nserver=127.0.0.1#\(fixture.world.port)", port: port,
            environment: bus.environment)
    }

    @Test("told when it appears, when something changes, and when it appears anew")
    func life() async throws {
        let service = fixture.service(settings, bus: bus.bus)
        try await service.start()
        await service.apply([fixture.zone()])
        #expect(await service.findings().map(\.code) == [.dnsmasqFailed])

        let first = try await dnsmasq()
        let client = try await DNSClient.datagram(port: port)
        try await waitFor("it has been told") {
            await client.look("www.corp.example") == "10.66.0.80"
        }
        try await waitFor("all is well") { await service.findings() == [] }
        #expect(await client.look("vpn.corp.example") == "203.0.113.7")
        #expect(await client.look("www.example.net") == "198.18.0.80")
        await service.apply([fixture.zone(reach: .refusing)])
        #expect(await client.look("new.corp.example") == "code 2")

        await first.stop()
        let second = try await dnsmasq()
        try await waitFor("the next one has been told too") {
            await client.look("www.corp.example") == "code 2"
        }
        await service.stop(leavingManaged: false)
        #expect(await client.look("www.corp.example") == "198.18.0.99")
        await second.stop()
    }

    @Test("a denial from before the domain was ours is forgotten")
    func denial() async throws {
        let other = try await TestDnsmasq("local=/corp.example/\nlocal-ttl=600\nneg-ttl=600")
        let dnsmasq = try await TestDnsmasq(
            "enable-dbus\nneg-ttl=600\nserver=127.0.0.1#\(other.port)", port: port,
            environment: bus.environment)
        let client = try await DNSClient.datagram(port: port)
        for _ in 0..<2 { #expect(await client.look("www.corp.example") == "code 3") }
        #expect(other.queries("www.corp.example") == 1)
        let service = fixture.service(settings, bus: bus.bus)
        try await service.start()
        await service.apply([fixture.zone()])
        #expect(await client.look("www.corp.example") == "10.66.0.80")
        await service.stop(leavingManaged: false)
        await dnsmasq.stop()
    }

    @Test("another life takes over, ends a forgotten monitor, and another mode takes all back")
    func leftovers() async throws {
        let dnsmasq = try await dnsmasq()
        let first = fixture.service(settings, bus: bus.bus)
        try await first.start()
        await first.apply([fixture.zone()])
        try await waitFor("the bus is watched") { monitor() != nil }
        await first.stop()
        #expect(monitor() == nil)
        // As if it had been killed: somebody still watches, and is on record.
        let launch = bus.bus.launch(["monitor"])
        _ = try launch.start(watcher: testWatcher) { (pid) throws(ProcessError) in
            let record = try ProcessRecord(of: pid, executable: launch.executable)
            try NameRecord.update(fixture.paths()) { $0.monitor = record }
        }
        let forgotten = try #require(monitor())
        let second = fixture.service(DNSSettings(), bus: bus.bus)
        try await second.start()
        #expect(forgotten.adopt(watcher: testWatcher) == nil)
        let client = try await DNSClient.datagram(port: port)
        #expect(await client.look("www.corp.example") == "198.18.0.99")
        await second.stop(leavingManaged: false)
        #expect(monitor() == nil)
        await dnsmasq.stop()
    }

    @Test("what the bus daemon says of owners")
    func lines() throws {
        func line(_ member: String, _ old: String, _ new: String) -> String {
            "{\"type\":\"signal\",\"sender\":\"org.freedesktop.DBus\",\"member\":\"\(member)\","
                + "\"payload\":{\"type\":\"sss\",\"data\":[\"a.b\",\"\(old)\",\"\(new)\"]}}"
        }
        let owned = try #require(OwnerChange(line("NameOwnerChanged", "", ":1.7")))
        #expect(owned.name == "a.b" && owned.isOwned)
        #expect(OwnerChange(line("NameOwnerChanged", ":1.7", ""))?.isOwned == false)
        for other in [
            line("NameAcquired", "", ":1.7"), "", "{}", "Monitoring bus message stream.",
            line("NameOwnerChanged", "", ":1.7").replacing("org.freedesktop.DBus", with: ":1.9"),
        ] {
            #expect(OwnerChange(other) == nil)
        }
    }

    private func monitor() -> ProcessRecord? { NameRecord.load(fixture.paths()).monitor }
}
