import Protocol
import Testing

@testable import controlplane

@Suite struct MetricReportTests {
    @Test func `idle networks are a number and no label`() {
        var facts = MetricFacts()
        facts.networksConfigured = 65_536
        let text = MetricText.render(MetricReport.metrics(facts))
        #expect(text.contains("\ndvpn_networks_configured 65536\n"))
        #expect(!text.contains("network=\""))
    }

    @Test func `queries are counted where the forwarder has a part in names`() {
        var facts = MetricFacts()
        #expect(!MetricText.render(MetricReport.metrics(facts)).contains("dvpn_dns_queries_total{"))
        var tally = QueryTally()
        for domain in ["corp.example", "corp.example", "home.example"] {
            tally.add(.answered, domain: domain)
        }
        tally.add(.failed, domain: "corp.example")
        tally.add(.refused)
        facts.queries = tally
        let text = MetricText.render(MetricReport.metrics(facts))
        for (labels, count) in [
            (#"domain="corp.example",result="answered""#, 2),
            (#"domain="corp.example",result="failed""#, 1),
            (#"domain="home.example",result="answered""#, 1), (#"result="refused""#, 1),
        ] {
            #expect(text.contains("\ndvpn_dns_queries_total{\(labels)} \(count)\n"), "\(labels)")
        }
        #expect(text.split(separator: "dvpn_dns_queries_total{").count == 5)
    }

    @Test func `domains that are asked in are so many lines and no more`() {
        var tally = QueryTally()
        tally.add(.refused)
        for number in 0..<10_000 { tally.add(.answered, domain: "d\(number).example") }
        tally.add(.failed, domain: "d7.example")
        #expect(tally.counts.count == QueryTally.domainsMax + 1)
        #expect(tally.counts["d7.example"] == [.answered: 1, .failed: 1])
        let apart = QueryTally.domainsMax - 1
        #expect(tally.counts[QueryTally.others] == [.answered: 10_000 - apart])
        #expect(tally.counts[""] == [.refused: 1])
    }

    @Test func `a tunnel that somebody wanted has its state, starts and failures`() {
        var tally = TunnelTally()
        tally.step(
            from: .idle, to: .dialling(attempt: 1, since: 0), on: .demand(.init("tcp")), now: 0)
        tally.step(
            from: .dialling(attempt: 1, since: 0), to: .up(since: 300, quietSince: nil), on: .ready,
            now: 300)
        tally.step(
            from: .up(since: 0, quietSince: nil), to: .idle, on: .ended(Failure(.lost, "gone")),
            now: 9)
        var facts = MetricFacts()
        facts.add(state: "draining", tally: tally, isInUse: false, network: "home")
        facts.tally = tally
        let text = MetricText.render(MetricReport.metrics(facts))
        for line in [
            #"dvpn_tunnel_up{network="home"} 1"#,
            #"dvpn_tunnel_state{network="home",state="draining"} 1"#,
            #"dvpn_tunnel_starts_total{network="home",cause="demand"} 1"#,
            #"dvpn_tunnel_failures_total{network="home",reason="lost"} 1"#,
            #"dvpn_tunnel_start_seconds_bucket{le="0.25"} 0"#,
            #"dvpn_tunnel_start_seconds_bucket{le="0.5"} 1"#,
            #"dvpn_tunnel_start_seconds_bucket{le="+Inf"} 1"#,
            "dvpn_tunnel_start_seconds_sum 0.3", "dvpn_tunnel_start_seconds_count 1",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line)")
        }
    }

    @Test func `a tunnel that is idle again is a number, however it ended`() {
        var facts = MetricFacts()
        var (one, all) = (TunnelTally(), TunnelTally())
        let failed = TunnelMachine.Event.failed(Failure(.refused, "no"))
        one.step(from: .dialling(attempt: 1, since: 0), to: .idle, on: failed, now: 9)
        func lines() -> [Substring] {
            facts.tally = all
            return MetricText.render(MetricReport.metrics(facts)).split(separator: "\n")
        }
        func take(_ count: Int) {
            for number in 0..<count {
                all.step(from: .dialling(attempt: 1, since: 0), to: .idle, on: failed, now: 9)
                facts.add(state: "idle", tally: one, isInUse: false, network: "net\(number)")
            }
        }
        take(1)
        let count = lines().count
        take(65_535)
        let text = lines()
        #expect(text.count == count)
        #expect(!text.contains { $0.contains("network=\"") })
        #expect(text.contains(#"dvpn_tunnels{state="idle"} 65536"#))
        #expect(text.contains(#"dvpn_failures_total{reason="refused"} 65536"#))

        facts.add(state: "idle", tally: one, isInUse: true, network: "home")
        #expect(lines().contains(#"dvpn_tunnel_up{network="home"} 0"#))
        #expect(
            lines().contains(#"dvpn_tunnel_failures_total{network="home",reason="refused"} 1"#))
    }

    @Test func `every counter of the dataplane is in a metric`() {
        var facts = MetricFacts()
        // Each has a value of its own, by which it is found again.
        for (index, counter) in Counter.allCases.enumerated() {
            facts.counters[counter.name] = UInt64(1_000 + index)
        }
        // All of them together: what is left of it are the small ones.
        facts.counters["pipesInUse", default: 0] +=
            ["largePipesNow", "adoptedPipesNow"].compactMap { facts.counters[$0] }.reduce(0, +)
        let values = Set(
            MetricReport.metrics(facts).flatMap(\.samples).map { UInt64($0.value) })
        let byNetwork: [Counter] = [.openNow, .openingNow, .parkedNow]
        for (index, counter) in Counter.allCases.enumerated() where !byNetwork.contains(counter) {
            #expect(values.contains(UInt64(1_000 + index)), "\(counter)")
        }
    }

    @Test func `metrics have names of their own, and counters end in total`() {
        var facts = MetricFacts()
        facts.counters = ["accepted": 1]
        let metrics = MetricReport.metrics(facts)
        #expect(Set(metrics.map(\.name)).count == metrics.count)
        for metric in metrics {
            #expect(metric.name.hasPrefix("dvpn_"))
            #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"), "\(metric.name)")
        }
    }

    @Test func `a dataplane that is away has no counters`() {
        let names = MetricReport.metrics(MetricFacts()).map(\.name)
        #expect(!names.contains("dvpn_accepted_total"))
    }
}
