/// The metrics of dvpn. Only tunnels that are not idle and networks where something goes on are
/// labels: 65,536 idle networks are one number, also after somebody has wanted them all. Pure.
enum MetricReport {
    static func metrics(_ facts: MetricFacts) -> [Metric] {
        controlplane(facts) + tunnels(facts) + networks(facts)
            + DataplaneMetrics.metrics(facts.counters)
    }

    private static func controlplane(_ facts: MetricFacts) -> [Metric] {
        let conntrack = facts.conntrack.map { table in
            [Metric.Sample(value: Double(table.entries) / Double(max(table.limit, 1)))]
        }
        return [
            Metric(
                "dvpn_build_info", .gauge, "Always 1.",
                [Metric.Sample(labels: [("version", facts.version)], value: 1)]),
            Metric(
                "dvpn_start_time_seconds", .gauge,
                "When the controlplane was started, in seconds since 1970.",
                [Metric.Sample(value: facts.startedAt)]),
            Metric(
                "dvpn_dataplane_linked", .gauge, "1 while the dataplane is connected.",
                facts.isLinked ? 1 : 0),
            Metric(
                "dvpn_networks_configured", .gauge, "Networks in the configuration.",
                facts.networksConfigured),
            Metric(
                "dvpn_health_messages", .gauge, "What a person should know about, by severity.",
                labelled("severity", facts.health)),
            Metric(
                "dvpn_host_repairs_total", .counter,
                "Times that rules, routes or devices of dvpn were put back.", facts.repairs),
            Metric(
                "dvpn_conntrack_ratio", .gauge,
                "How full the kernel's table of connections is, from 0 to 1.", conntrack ?? []),
            Metric(
                "dvpn_connections_total", .counter, "Connections that have ended, by how.",
                labelled("result", facts.ended)),
            Metric(
                "dvpn_dns_queries_total", .counter,
                "Queries that came to the forwarder for private names, by domain and what became of them.",
                facts.queries.map { queries($0) } ?? []),
        ]
    }

    private static func queries(_ tally: QueryTally) -> [Metric.Sample] {
        tally.counts.sorted { $0.key < $1.key }.flatMap { domain, counts in
            QueryTally.Result.allCases.compactMap { result in
                counts[result].map {
                    Metric.Sample(
                        labels: (domain.isEmpty ? [] : [("domain", domain)])
                            + [("result", result.rawValue)],
                        value: Double($0))
                }
            }
        }
    }

    private static func networks(_ facts: MetricFacts) -> [Metric] {
        func samples(_ value: (NetworkActivity) -> Int) -> [Metric.Sample] {
            facts.active.map {
                Metric.Sample(labels: [("network", $0.network)], value: Double(value($0.activity)))
            }
        }
        return [
            Metric(
                "dvpn_connections_open", .gauge, "Open connections of networks that are in use.",
                samples(\.open)),
            Metric(
                "dvpn_connections_opening", .gauge, "Connections whose far side is being opened.",
                samples(\.opening)),
            Metric(
                "dvpn_parked", .gauge, "Packets and connections that wait for a tunnel.",
                samples(\.parked)),
            Metric(
                "dvpn_park_seconds", .histogram,
                "How long a network's first packet waited until none waited there any more.",
                facts.parkings.samples),
        ]
    }

    private static func tunnels(_ facts: MetricFacts) -> [Metric] {
        let tunnels = facts.tunnels.sorted { $0.network < $1.network }
        let states: [Metric.Sample] = tunnels.map {
            let labels = [("network", $0.network), ("state", $0.state)]
            return Metric.Sample(labels: labels, value: 1)
        }
        let up: [Metric.Sample] = tunnels.map {
            let isUp = $0.state == "up" || $0.state == "draining"
            return Metric.Sample(labels: [("network", $0.network)], value: isUp ? 1 : 0)
        }
        let starts = tunnels.flatMap { self.starts($0.tally, [("network", $0.network)]) }
        let failures = tunnels.flatMap { self.failures($0.tally, [("network", $0.network)]) }
        return [
            Metric(
                "dvpn_tunnel_up", .gauge,
                "1 while the tunnel can be used; a tunnel is called by its first network.", up),
            Metric("dvpn_tunnel_state", .gauge, "1 for the tunnel's present state.", states),
            Metric(
                "dvpn_tunnel_starts_total", .counter,
                "Dials of tunnels that are not idle now, by who wanted them.", starts),
            Metric(
                "dvpn_tunnel_failures_total", .counter,
                "Dials that failed and tunnels that were lost, of those that are not idle now.",
                failures),
            Metric(
                "dvpn_tunnels", .gauge, "Tunnels that somebody has wanted, by their present state.",
                labelled("state", facts.states)),
            Metric(
                "dvpn_starts_total", .counter, "Dials of all tunnels, by who wanted them.",
                self.starts(facts.tally, [])),
            Metric(
                "dvpn_failures_total", .counter,
                "Dials that failed and tunnels that were lost, of all tunnels.",
                self.failures(facts.tally, [])),
            // Of all tunnels together: a histogram for each would be many lines.
            Metric(
                "dvpn_tunnel_start_seconds", .histogram, "How long dials took that succeeded.",
                facts.tally.dials.samples),
        ]
    }

    private static func starts(
        _ tally: TunnelTally, _ labels: [(name: String, value: String)]
    ) -> [Metric.Sample] {
        TunnelTally.Starter.allCases.compactMap { starter in
            tally.starts[starter].map {
                Metric.Sample(labels: labels + [("cause", starter.rawValue)], value: Double($0))
            }
        }
    }

    private static func failures(
        _ tally: TunnelTally, _ labels: [(name: String, value: String)]
    ) -> [Metric.Sample] {
        Failure.Kind.allCases.compactMap { kind in
            tally.failures[kind].map {
                Metric.Sample(labels: labels + [("reason", kind.rawValue)], value: Double($0))
            }
        }
    }

    private static func labelled(_ name: String, _ values: [String: Int]) -> [Metric.Sample] {
        values.sorted { $0.key < $1.key }.map {
            Metric.Sample(labels: [(name, $0.key)], value: Double($0.value))
        }
    }
}
