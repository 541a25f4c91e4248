import FoundationEssentials
import Protocol
import Testing

@testable import controlplane

@Suite("Host executor")
struct HostExecutorTests {
    private let directory: String

    init() throws {
        directory = "/tmp/dvpn-host-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
    }

    @Test("doorbell, settings, routes, tables, rules: in this order")
    func order() async throws {
        let host = ScriptedHost(settings: [
            "ipv6/conf/all/disable_ipv6": "0", "ipv4/conf/dvpn0/accept_local": "0",
            "ipv4/conf/all/rp_filter": "1",
        ])
        let executor = executor(host)
        let report = try await executor.apply(HostSamples.everything)
        #expect(
            host.changes == [
                "create 998", "set ipv4/conf/dvpn0/accept_local 1", "ip -batch - (3 lines)",
                "set ipv4/conf/all/rp_filter 0", "ip -4 -batch - (12 lines)",
                "ip -6 -batch - (5 lines)", "nft -f - (\(nftLines) lines)",
                "ip -4 -batch - (2 lines)", "ip -6 -batch - (2 lines)",
            ])
        #expect(report.findings.map(\.code).filter { $0 != .lanMissing } == [])
        remove()
    }

    @Test("a setting is recorded before it is changed, so that a crash in between can be undone")
    func recordedFirst() async throws {
        let host = ScriptedHost(
            settings: ["ipv4/conf/all/rp_filter": "1"], failing: "set ipv4/conf/all/rp_filter",
            links: ScriptedHost.doorbell)
        let executor = executor(host)
        await #expect(throws: HostError.self) { try await executor.apply(HostSamples.laptop) }
        let record = try HostRecord.load(directory)
        #expect(
            record.settings == [
                SysctlChange(key: "ipv4/conf/all/rp_filter", was: "1", now: "0")
            ])
        remove()
    }

    @Test("a first start that fails leaves nothing behind and tells the first reason")
    func rollback() async throws {
        let host = ScriptedHost(
            settings: ["ipv4/conf/all/rp_filter": "1"], failing: "nft -f -")
        let executor = executor(host)
        let error = await #expect(throws: HostError.self) {
            try await executor.apply(HostSamples.laptop)
        }
        #expect(error?.description.hasPrefix("nft -f -") == true)
        #expect(host.setting("ipv4/conf/all/rp_filter") == "1")
        #expect(try HostRecord.load(directory) == HostRecord())
        #expect(!host.changes.contains { $0.contains("(2 lines)") && $0.hasPrefix("ip -4") })
        remove()
    }

    @Test("without nftables nothing is touched at all")
    func noNetfilter() async throws {
        let host = ScriptedHost(failing: "nft list tables")
        let executor = executor(host)
        await #expect(throws: HostError.self) { try await executor.apply(HostSamples.laptop) }
        #expect(host.changes.isEmpty)
        remove()
    }

    @Test("somebody else's device is not touched")
    func foreign() async throws {
        let host = ScriptedHost(
            links: #"[{"ifname":"dvpn0","flags":[],"mtu":1500,"addr_info":[]}]"#)
        let executor = executor(host)
        let error = await #expect(throws: HostError.self) {
            try await executor.apply(HostSamples.laptop)
        }
        #expect(error?.code == .foreignDevice)
        #expect(host.changes.isEmpty)
        remove()
    }

    @Test("another configuration costs what is other in it, and nothing where nothing is")
    func change() async throws {
        let host = ScriptedHost(settings: [:])
        let executor = executor(host)
        var input = HostSamples.laptop
        _ = try await executor.change(input)
        #expect(host.changes.contains("create 998"))
        let before = host.log
        _ = try await executor.change(input)
        #expect(host.log == before)
        input.networks.append(HostSamples.network(["10.1.3.0/24", "10.7.0.0/16"]))
        _ = try await executor.change(input)
        #expect(host.changes.suffix(2) == ["ip -4 -batch - (6 lines)", "nft -f - (2 lines)"])
        // Another interface has other settings: that is not only the configuration.
        input.lan = ["lan0"]
        func looks() -> Int { host.log.count { $0.contains("address show") } }
        let looksBefore = looks()
        _ = try await executor.change(input)
        #expect(looks() == looksBefore + 1)
        remove()
    }

    @Test(
        "tables that somebody flushes while they are written are written again",
        arguments: [0, 1, 3])
    func flushed(_ flushes: Int) async throws {
        let host = ScriptedHost(settings: [:], flushes: flushes)
        let executor = executor(host)
        _ = try await executor.apply(HostSamples.laptop)
        #expect(host.changes.count { $0.hasPrefix("nft -f -") } == flushes + 1)
        #expect(try await !executor.verify().contains { $0.code == .tableChanged })
        host.flush()
        #expect(try await executor.verify().contains { $0.code == .tableChanged })
        remove()
    }

    @Test("a change whose tables are gone writes all of them")
    func flushedBeforeChange() async throws {
        let host = ScriptedHost(settings: [:])
        let executor = executor(host)
        var input = HostSamples.laptop
        _ = try await executor.apply(input)
        host.flush()
        input.networks.append(HostSamples.network(["10.7.0.0/16"]))
        _ = try await executor.change(input)
        #expect(try await !executor.verify().contains { $0.code == .tableChanged })
        remove()
    }

    @Test("against a program that always flushes there is an error, and nothing is remembered")
    func alwaysFlushed() async throws {
        let host = ScriptedHost(settings: [:], flushes: .max)
        let executor = executor(host)
        let error = await #expect(throws: HostError.self) {
            try await executor.apply(HostSamples.laptop)
        }
        #expect(error?.description.contains("nft monitor") == true)
        #expect(try HostRecord.load(directory).tables == nil)
        remove()
    }

    @Test("where the dataplane listens costs nothing where nobody is led there directly")
    func listening() async throws {
        let host = ScriptedHost(settings: [:])
        let executor = executor(host)
        var input = HostSamples.laptop
        _ = try await executor.apply(input)
        let before = host.log
        input.listening = FamilySet(ipv4: false, ipv6: false)
        #expect(try await executor.change(input).findings.map(\.code).contains(.portTaken))
        #expect(host.log == before)
        input.networks[0] = HostSamples.network(["10.1.2.0/24"], connect: .eager)
        _ = try await executor.change(input)
        let eager = host.log
        input.listening = .all()
        #expect(try await !executor.change(input).findings.map(\.code).contains(.portTaken))
        #expect(host.log != eager)
        remove()
    }

    @Test("a gateway costs a command only where it is inside a tunnelled prefix")
    func gateways() async throws {
        let host = ScriptedHost(settings: [:])
        let executor = executor(host)
        _ = try await executor.apply(HostSamples.laptop)
        let before = host.log.count
        try await executor.setGateways([HostSamples.prefix("203.0.113.7")])
        #expect(host.log.count == before)
        try await executor.setGateways([HostSamples.prefix("10.1.2.7")])
        #expect(host.changes.suffix(2).first == "ip -4 -batch - (1 lines)")
        #expect(host.changes.last?.hasPrefix("nft -f -") == true)
        remove()
    }

    @Test("cleaning up tries every step, and tells the first error")
    func cleanup() async throws {
        var record = HostRecord()
        record.settings = [SysctlChange(key: "ipv4/conf/all/rp_filter", was: "1", now: "0")]
        try record.save(directory)
        let host = ScriptedHost(
            settings: ["ipv4/conf/all/rp_filter": "0"], failing: "ip -json -4 rule")
        let executor = executor(host)
        let error = await #expect(throws: HostError.self) { try await executor.cleanup() }
        #expect(error?.description.hasPrefix("ip -json -4 rule") == true)
        #expect(host.setting("ipv4/conf/all/rp_filter") == "1")
        #expect(host.log.contains("nft list tables inet"))
        #expect(host.log.contains { $0.contains("address show") })
        remove()
    }

    @Test("a damaged record is an error, not a silent loss")
    func damaged() throws {
        try "{".write(
            toFile: "\(directory)/\(HostRecord.fileName)", atomically: true, encoding: .utf8)
        let error = #expect(throws: HostError.self) { try HostRecord.load(directory) }
        #expect(error?.code == .file)
        remove()
    }

    private var nftLines: Int {
        HostPlan(HostSamples.everything).script.split(separator: "\n").count
    }

    private func executor(_ host: ScriptedHost) -> HostExecutor {
        HostExecutor(runtimeDirectory: directory, deviceOwner: 998, host: host)
    }

    private func remove() { try? FileManager.default.removeItem(atPath: directory) }
}
