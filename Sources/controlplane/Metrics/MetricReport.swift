/// The metrics of dvpn. Only tunnels that somebody has wanted and networks where something goes on
/// are labels: 65,536 idle networks are one number. Pure.
enum MetricReport {
    static func metrics(_ facts: MetricFacts) -> [Metric] {
        controlplane(facts) + tunnels(facts.tunnels) + networks(facts.active)
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
                "dvpn_connections_ended_total", .counter, "Connections that have ended, by how.",
                labelled("result", facts.ended)),
        ]
    }

    private static func networks(_ active: [MetricFacts.Active]) -> [Metric] {
        func samples(_ value: (NetworkActivity) -> Int) -> [Metric.Sample] {
            active.map {
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
        ]
    }

    private static func tunnels(_ tunnels: [MetricFacts.Tunnel]) -> [Metric] {
        let states: [Metric.Sample] = tunnels.map {
            let labels = [("network", $0.network), ("state", $0.state)]
            return Metric.Sample(labels: labels, value: 1)
        }
        let up: [Metric.Sample] = tunnels.map {
            let isUp = $0.state == "up" || $0.state == "draining"
            return Metric.Sample(labels: [("network", $0.network)], value: isUp ? 1 : 0)
        }
        let starts = tunnels.flatMap { tunnel in
            TunnelTally.Starter.allCases.compactMap { starter in
                tunnel.tally.starts[starter].map {
                    Metric.Sample(
                        labels: [("network", tunnel.network), ("cause", starter.rawValue)],
                        value: Double($0))
                }
            }
        }
        let failures = tunnels.flatMap { tunnel in
            Failure.Kind.allCases.compactMap { kind in
                tunnel.tally.failures[kind].map {
                    Metric.Sample(
                        labels: [("network", tunnel.network), ("reason", kind.rawValue)],
                        value: Double($0))
                }
            }
        }
        return [
            Metric(
                "dvpn_tunnel_up", .gauge,
                "1 while the tunnel can be used; a tunnel is called by its first network.", up),
            Metric("dvpn_tunnel_state", .gauge, "1 for the tunnel's present state.", states),
            Metric("dvpn_tunnel_starts_total", .counter, "Dials, by who wanted them.", starts),
            Metric(
                "dvpn_tunnel_failures_total", .counter, "Dials and tunnels that failed.", failures),
            dials(tunnels.map(\.tally)),
        ]
    }

    /// Of all tunnels together: a histogram for each would be many lines.
    private static func dials(_ tallies: [TunnelTally]) -> Metric {
        var sum = 0
        var samples: [Metric.Sample] = []
        for index in 0...TunnelTally.bounds.count {
            sum += tallies.reduce(0) { $0 + $1.dials[index] }
            let bound = index < TunnelTally.bounds.count ? "\(TunnelTally.bounds[index])" : "+Inf"
            samples.append(
                Metric.Sample(suffix: "_bucket", labels: [("le", bound)], value: Double(sum)))
        }
        let seconds = tallies.reduce(0) { $0 + $1.dialSeconds }
        samples.append(Metric.Sample(suffix: "_sum", value: seconds))
        samples.append(Metric.Sample(suffix: "_count", value: Double(sum)))
        return Metric(
            "dvpn_tunnel_start_seconds", .histogram, "How long dials took that succeeded.", samples)
    }

    private static func labelled(_ name: String, _ values: [String: Int]) -> [Metric.Sample] {
        values.sorted { $0.key < $1.key }.map {
            Metric.Sample(labels: [(name, $0.key)], value: Double($0.value))
        }
    }
}
