import Glibc
import Logging
import Testing

@testable import controlplane

/// What the tests of `NameService` work with: a private server, a public one, a runtime directory.
final class NameFixture: Sendable {
    let directory = TestDirectory()
    let corp: TestDnsmasq
    let world: TestDnsmasq
    let forwarderPort: UInt16

    init() async throws {
        corp = try await TestDnsmasq(
            """
            host-record=www.corp.example,10.66.0.80
            host-record=www.corp.internal,10.66.0.81
            host-record=host.lab.example,10.66.0.82
            local=/corp.example/
            local=/66.10.in-addr.arpa/
            """)
        // Addresses for measurements: those for documentation count as private ones with dnsmasq.
        world = try await TestDnsmasq(
            """
            local-ttl=600
            host-record=www.example.net,198.18.0.80
            host-record=rebound.example.net,192.168.77.9
            host-record=vpn.corp.example,203.0.113.7
            address=/#/198.18.0.99
            """)
        forwarderPort = try TestDnsmasq.freePort()
    }

    var runtime: String { directory.path }

    func service(
        _ settings: DNSSettings,
        bus: Bus = Bus(address: "unix:path=/nonexistent", watcher: testWatcher),
        device: String = "dvpn0", resolverFile: String = "/nonexistent"
    ) -> NameService {
        var settings = settings
        settings.forwarderPort = Int(forwarderPort)
        return NameService(
            settings, runtime: runtime, state: runtime, device: device, holdMs: 2_000, bus: bus,
            log: Logger(label: "test"), resolverFile: resolverFile,
            retryPause: .milliseconds(300), wanted: { _, _ in })
    }

    /// The private network; its gateway's name lies in its domain.
    func zone(
        _ domains: [String] = ["corp.example"], prefixes: [String] = ["10.66.0.0/16"],
        reach: Zone.Reach = .up
    ) -> Zone {
        ZoneSamples.zone(
            domains: domains, prefixes: prefixes, servers: ["127.0.0.1#\(corp.port)"],
            gateway: .init(name: "vpn.corp.example", lastGood: nil), reach: reach)
    }

    func paths() -> NamePaths { NamePaths(runtime: runtime) }

    func cleanUp() async {
        await NameService.cleanUp(
            runtime: runtime, watcher: testWatcher, log: Logger(label: "test"))
    }
}

extension DNSClient {
    /// The IPv4 address that a name has, the code of a failure, or `nothing`, `timeout`.
    func look(_ name: String) async -> String {
        guard let answer = await ask(name, within: .seconds(5)) else { return "timeout" }
        guard answer.responseCode == 0 else { return "code \(answer.responseCode)" }
        let records = answer.bytes[answer.questionEnd...]
        // The pointer to the question, A, IN, any time to live, four bytes.
        for start in records.indices.dropLast(15)
        where records[start...].starts(with: [0xC0, 12, 0, 1, 0, 1])
            && records[(start + 10)...].starts(with: [0, 4])
        {
            return records[(start + 12)..<(start + 16)].map { "\($0)" }.joined(separator: ".")
        }
        return "nothing"
    }
}

extension NameService {
    /// Returns when dnsmasq and whoever else has been told, too.
    func apply(_ zones: [Zone]) async {
        await take(zones)
        await settled()
    }
}
