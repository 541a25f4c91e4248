import FoundationEssentials
import Glibc
import Subprocess
import Testing

@testable import controlplane

/// Runs `HostInNamespaceTests` in a network namespace of its own: a whole new process, because a
/// thread that changes namespaces would not take the others along.
@Suite("Host, on a real kernel")
struct HostNamespaceTests {
    @Test(
        "in a namespace of its own",
        .enabled(if: getuid() == 0, "needs root, to make a network namespace"),
        .enabled(if: !Namespace.isInside), .timeLimit(.minutes(5)))
    func inNamespace() async throws {
        let arguments =
            [
                "--net", "--",
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"),
            ]
            + CommandLine.arguments.dropFirst().filter { $0.hasSuffix(".xctest") }
            + ["--testing-library", "swift-testing", "--filter", "HostInNamespaceTests"]
        let result = try await run(
            .name("unshare"), arguments: Arguments(arguments),
            environment: .inherit.updating(["DVPN_HOST_NAMESPACE": "1"]),
            output: .string(limit: 1 << 20), error: .combinedWithOutput)
        #expect(result.terminationStatus == .exited(0), "\(result.standardOutput)")
        #expect(result.standardOutput.contains("39 tests"))
    }
}

/// The namespace that `HostNamespaceTests` made, and what is in it.
enum Namespace {
    static var isInside: Bool { ProcessInfo.processInfo.environment["DVPN_HOST_NAMESPACE"] == "1" }

    /// Everything that dvpn may change, as text.
    static func snapshot() async throws -> [String] {
        try await shell(
            """
            ip rule; ip -6 rule; ip route show table all; ip -6 route show table all
            nft list ruleset; ip -d link; ip address; cd /proc/sys/net
            grep -rs . ipv4/conf ipv6/conf ipv4/ip_forward | sort
            """
        ).split(separator: "\n").map(String.init)
    }

    /// A LAN and a WAN, with nobody at their other ends. Nothing happens where they are there.
    static func build() async throws {
        try await shell(
            """
            [ -e /proc/sys/net/ipv4/conf/lan0 ] && exit
            ip link set lo up
            ip link add lan0 type veth peer name lan1; ip link add wan0 type veth peer name wan1
            for i in lan0 lan1 wan0 wan1; do
                echo 1 > /proc/sys/net/ipv6/conf/$i/addr_gen_mode; ip link set $i up
            done
            ip addr add 192.168.77.1/24 dev lan0; ip addr add 203.0.113.2/24 dev wan0
            ip addr add fd77::1/64 dev lan0 nodad; ip route add default via 203.0.113.1
            ip neigh add 192.168.77.50 lladdr 02:00:00:00:00:50 dev lan0
            ip neigh add fd77::50 lladdr 02:00:00:00:00:50 dev lan0
            ip -6 neigh add fe80::99 lladdr 02:00:00:00:00:99 dev wan0
            ip -6 route add default via fe80::99 dev wan0
            echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter
            echo 2 > /proc/sys/net/ipv4/conf/wan0/rp_filter
            """)
    }

    @discardableResult
    static func shell(_ script: String) async throws -> String {
        let result = try await run(
            .name("sh"), arguments: ["-c", script], output: .string(limit: 16 << 20),
            error: .combinedWithOutput)
        return result.standardOutput
    }
}

@Suite("Host, inside the namespace", .enabled(if: Namespace.isInside), .serialized)
struct HostInNamespaceTests {
    private let directory: String
    private let executor: HostExecutor
    private let input: HostInput

    init() async throws {
        directory = "/tmp/dvpn-host-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        executor = HostExecutor(runtimeDirectory: directory, deviceOwner: 65534)
        var input = HostSamples.everything
        input.lan = ["lan0"]
        self.input = input
        try await Namespace.build()
    }

    @Test("applying and cleaning up leaves everything, textually, as it was")
    func everything() async throws {
        let before = try await Namespace.snapshot()
        let report = try await executor.apply(input)
        #expect(report.changes.contains("made dvpn0"))
        #expect(try await Namespace.snapshot() != before)
        #expect(try await executor.verify() == [])
        try await executor.cleanup()
        try await executor.cleanup()
        #expect(try await Namespace.snapshot() == before)
        #expect(!FileManager.default.fileExists(atPath: "\(directory)/host.json"))
        try remove()
    }

    @Test("another life adopts what is right, and changes nothing")
    func adoption() async throws {
        _ = try await executor.apply(input)
        let before = try await Namespace.snapshot()
        let other = HostExecutor(runtimeDirectory: directory, deviceOwner: 65534)
        #expect(try await other.apply(input).changes == [])
        #expect(try await Namespace.snapshot() == before)
        try await other.cleanup()
        try remove()
    }

    @Test(
        "whatever somebody breaks is found, named and repaired",
        arguments: [
            ("nft flush ruleset", HostFinding.Code.tableChanged),
            ("nft delete table inet dvpn_guard", .tableChanged),
            ("nft add rule inet dvpn arrive accept", .tableChanged),
            ("nft add chain inet dvpn older", .tableChanged),
            ("nft delete element inet dvpn_guard private4 { 10.1.2.0/24 }", .tableChanged),
            ("ip route del 10.1.2.0/24 table 3876 metric 4096", .routesChanged),
            ("ip route add 10.99.0.0/16 dev dvpn0 table 3876 proto 214", .routesChanged),
            ("ip route add 10.98.0.0/16 via 203.0.113.1 proto 214", .routesChanged),
            ("ip -6 route flush table 3876", .routesChanged),
            ("ip rule del pref 3872", .rulesChanged),
            ("ip rule add pref 3870 to 1.2.3.4 lookup main protocol 214", .rulesChanged),
            ("ip link set dvpn0 down", .deviceChanged),
            ("ip link delete dvpn0", .deviceChanged),
            ("ip addr flush dev dvpn0", .deviceChanged),
            ("echo 1 > /proc/sys/net/ipv4/conf/all/rp_filter", .settingChanged),
            ("echo 0 > /proc/sys/net/ipv4/conf/lan0/forwarding", .settingChanged),
        ])
    func repair(_ command: String, _ code: HostFinding.Code) async throws {
        let before = try await Namespace.snapshot()
        _ = try await executor.apply(input)
        let words = try await Namespace.shell(command)
        #expect(words.isEmpty)
        #expect(try await executor.verify().map(\.code).contains(code))
        _ = try await executor.apply(input)
        #expect(try await executor.verify() == [])
        try await executor.cleanup()
        #expect(try await Namespace.snapshot() == before)
        try remove()
    }

    @Test(
        "half a start is cleaned up by another life",
        arguments: [
            "ip tuntap add dev dvpn0 mode tun multi_queue",
            "ip rule add pref 3874 lookup 3876 protocol 214",
            "ip route add unreachable 10.1.2.0/24 table 3876 proto 214",
            "nft add table inet dvpn_guard",
            "nft add table inet dvpn",
        ])
    func half(_ command: String) async throws {
        let before = try await Namespace.snapshot()
        #expect(try await Namespace.shell(command).isEmpty)
        #expect(try await Namespace.snapshot() != before)
        try await executor.cleanup()
        #expect(try await Namespace.snapshot() == before)
        try remove()
    }

    @Test("a changed map leaves the same blocked ports as a start with it")
    func blockedPorts() async throws {
        // The kernel lists the elements in no certain order.
        func blocked() async throws -> [String] {
            try await Namespace.shell(
                """
                { nft list set inet dvpn blocked4; nft list set inet dvpn blocked6; } |
                    grep -o '[0-9a-f.:/-]* [.] [a-z]* [.] [0-9]*' | sort
                """
            ).split(separator: "\n").map(String.init)
        }
        var input = input
        input.networks[1].blockedPorts = [25]
        _ = try await executor.apply(input)
        let before = try await blocked()
        // Within a blocked prefix, and one that is blocked itself.
        input.networks.append(HostSamples.network(["10.70.3.0/24", "fd03:0:7::/48"]))
        input.networks[2].blockedPorts = [25, 445]
        _ = try await executor.change(input)
        let changed = try await blocked()
        #expect(changed != before && changed.count > before.count)
        #expect(try await executor.verify() == [])
        try await executor.cleanup()
        _ = try await executor.apply(input)
        #expect(try await blocked() == changed, "\(changed)")
        try await executor.cleanup()
        try remove()
    }

    @Test("queues stay with the dataplane while another life adopts the device")
    func queues() async throws {
        _ = try await executor.apply(input)
        let held = try DoorbellQueues.open(2)
        #expect(held.allSatisfy { fcntl($0, F_GETFL) & O_NONBLOCK != 0 })
        #expect(held.allSatisfy { fcntl($0, F_GETFD) & FD_CLOEXEC != 0 })
        let other = HostExecutor(runtimeDirectory: directory, deviceOwner: 65534)
        #expect(try await other.apply(input).changes == [])
        let more = try DoorbellQueues.open(1)
        // A packet to a private address arrives in one of the queues, with nothing before its
        // header.
        try await Namespace.shell("ping -c 1 -W 1 10.1.2.3")
        let packets = (held + more).map { queue in
            var packet = [UInt8](repeating: 0, count: 2048)
            let count = unsafe read(queue, &packet, packet.count)
            return Array(packet.prefix(max(count, 0)))
        }
        let arrived = try #require(packets.first { !$0.isEmpty })
        #expect(arrived[0] == 0x45)
        #expect(Array(arrived[12..<20]) == [192, 0, 0, 8, 10, 1, 2, 3])
        for queue in held + more { close(queue) }
        try await other.cleanup()
        try remove()
    }

    @Test("a device of the doorbell's name that is somebody else's is left alone")
    func foreign() async throws {
        try await Namespace.shell("ip tuntap add dev dvpn0 mode tun")
        let before = try await Namespace.snapshot()
        let error = await #expect(throws: HostError.self) { try await executor.apply(input) }
        #expect(error?.code == .foreignDevice)
        try await executor.cleanup()
        #expect(try await Namespace.snapshot() == before)
        try await Namespace.shell("ip link delete dvpn0")
        try remove()
    }

    @Test("with rules, routes, doorbell and steering gone, no private packet leaves in the clear")
    func guarded() async throws {
        _ = try await executor.apply(input)
        try await Namespace.shell(
            """
            ip rule del pref 3874; ip -6 rule del pref 3874; ip link delete dvpn0
            nft delete table inet dvpn
            nft 'add table inet watch; add chain inet watch out {
                type filter hook postrouting priority 300; }
                add rule inet watch out oifname "wan0" ip daddr 10.1.2.3 counter
                add rule inet watch out oifname "wan0" ip6 daddr fd01:2::3 counter'
            ping -c 1 -W 1 10.1.2.3; ping -c 1 -W 1 fd01:2::3
            """)
        let leaks = try await Namespace.shell("nft list counter inet dvpn_guard leak")
        #expect(leaks.contains("packets 2 "))
        let watched = try await Namespace.shell("nft list chain inet watch out")
        #expect(watched.split(separator: "counter packets 0 ").count == 3)
        try await Namespace.shell("nft delete table inet watch")
        try await executor.cleanup()
        try remove()
    }

    @Test(
        "what another program takes away is put back within two seconds, and told",
        .timeLimit(.minutes(1)))
    func keeper() async throws {
        _ = try await executor.apply(input)
        let (events, told) = AsyncStream.makeStream(of: HostKeeper.Event.self)
        let keeper = HostKeeper(executor: executor)
        let work = Task { try await keeper.run { told.yield($0) } }
        // The watch has no sign of being ready; what happens before it is found with the next change.
        try await Task.sleep(for: .milliseconds(100))
        try await Namespace.shell("nft flush ruleset; ip rule del pref 3874")
        let start = ContinuousClock.now
        var first: HostKeeper.Event?
        for await event in events {
            first = event
            break
        }
        guard case .repaired(let findings, let report) = first else {
            Issue.record("\(String(describing: first))")
            return
        }
        #expect(ContinuousClock.now - start < .seconds(2))
        #expect(findings.map(\.code).contains(.tableChanged))
        #expect(!report.changes.isEmpty)
        #expect(try await executor.verify() == [])
        work.cancel()
        try await executor.cleanup()
        try remove()
    }

    private func remove() throws { try FileManager.default.removeItem(atPath: directory) }
}
