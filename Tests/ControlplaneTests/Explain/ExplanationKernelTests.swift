import Protocol
import Reports
import Testing

@testable import controlplane

/// What the kernel has, and what is left to say where dvpn is down.
extension ExplanationTests {
    private static func step(_ what: String, _ change: Change) -> ExplainReport.Step? {
        Explanation.report(facts(change)).steps.first { $0.what == what }
    }

    @Test func `a connection's first packet that is marked has a rule and a route of its own`() {
        let change: Change = {
            $0.expectedSets = [.steered]
            $0.redirection?.sets = [.steered]
            $0.network = Self.report(.routed)
            $0.route = .init(device: "eth0", table: "main")
            $0.marked = .init(device: "dvpn0", table: "3877")
        }
        #expect(
            Self.step("rule", change)?.text
                == "rule 32766 (from all) leads to table main; a connection's first packet is marked "
                + "0xd0: rule 3872 (from all fwmark 0xd0/0xff) leads to table 3877")
        #expect(
            Self.step("route", change)?.text
                == "packets go to eth0 (table main), a connection's first one to dvpn0 (table 3877)"
        )
        #expect(
            Self.step("redirect", change)?.text
                == "its TCP comes to dvpn's port 3876: in set steered4")
        #expect(Explanation.report(Self.facts(change)).isHealthy)
    }

    @Test func `another's rule that comes first is named, and to be taken away`() {
        let change: Change = { $0.route = .init(device: "wg0", table: "51820") }
        #expect(
            Self.step("rule", change)?.text
                == "rule 100 (from all) leads to table 51820, and is not dvpn's")
        #expect(Self.step("route", change)?.fix?.contains("its rule 100 away") == true)
    }

    @Test func `a gateway in its own prefix is reached outside of its tunnel, which is no overlap`()
    {
        let change: Change = {
            $0.isGateway = true
            $0.isGuarded = false
            $0.route = .init(device: "eth0", table: "main")
        }
        #expect(Explanation.report(Self.facts(change)).isHealthy)
        #expect(Self.step("route", change)?.text.contains("outside of its tunnel") == true)
    }

    @Test func `a host of the LAN in a private prefix is an overlap of another kind`() {
        let change: Change = {
            $0.lan = ["br-lan"]
            $0.isGuarded = false
            $0.route = .init(device: "br-lan", table: "main")
        }
        #expect(
            Explanation.report(Self.facts(change)).steps.compactMap(\.code) == ["subnet-overlap"])
    }

    @Test(arguments: [true, false])
    func `the entry of eager connections and of IPv6 is another one`(isEager: Bool) {
        let from = Self.step("redirect") {
            if isEager { $0.isEager = true } else { $0.family = .ipv6 }
        }?.from
        #expect(
            from?.contains(isEager ? "chain inet dvpn eager_out" : "redirect_out: meta mark")
                == true)
    }

    @Test func `an error that is over is told with its time`() {
        let report = Explanation.report(
            Self.facts { $0.network = Self.report(.up, lastError: Self.refused) })
        #expect(report.isHealthy)
        let step = report.steps.first { $0.what == "last-error" }
        #expect(
            step?.text == "at 2026-01-02T03:04:05Z: the gateway refused our key (authentication)")
    }

    @Test func `servers that a gateway has not told yet are no obstacle`() {
        let zone = Self.step("zone") { $0.domain?.servers = [] }
        #expect(zone?.result == .ok && zone?.text.contains("when the tunnel is up") == true)
    }

    @Test func `where dvpn is down the host's own way is nobody's fault`() {
        let route = Self.step("route") {
            $0.isRunning = false
            $0.route = .init(device: "wan0", table: "main")
        }
        #expect(route?.result == .notice && route?.code == nil)
    }

    @Test func `a map's name is known without a domain`() {
        let zone = Self.step("zone") { $0.domain = nil }
        #expect(zone?.result == .notice && zone?.text.contains("a hosts file has it") == true)
    }

    @Test func `with mistakes in the configuration what the kernel has is told all the same`() {
        let report = Explanation.report(
            Self.facts {
                $0.isRunning = false
                $0.mistakes = [
                    ConfigError(
                        position: SourcePosition(file: "dvpn.toml", line: 3, column: 5),
                        message: "unknown key \"prefixs\"")
                ]
                ($0.network, $0.domain, $0.prefix) = (nil, nil, nil)
            })
        #expect(
            report.steps.map(\.what) == [
                "dvpn", "configuration", "resolver", "address", "rule", "route", "redirect",
                "guard",
            ])
        #expect(report.steps[1].from == "dvpn.toml:3:5")
        #expect(report.steps[1].code == "configuration-mistake" && report.steps[1].fix != nil)
    }

    @Test func `what stands in the way says what to do`() {
        for (_, change, _) in Self.obstacles {
            let steps = Explanation.report(Self.facts(change)).steps
            for step in steps where step.result == .error {
                #expect(
                    step.fix != nil
                        || ["address-missing", "connection-failed"].contains(step.code),
                    "\(step)")
            }
        }
    }
}
