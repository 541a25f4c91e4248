internal import Protocol

/// The dataplane's counters under the names that Prometheus wants. Pure.
enum DataplaneMetrics {
    /// - Parameter counters: by `Counter.name`; empty while the dataplane is away.
    static func metrics(_ counters: [String: UInt64]) -> [Metric] {
        guard !counters.isEmpty else { return [] }
        let single = Counter.allCases.compactMap { counter -> Metric? in
            guard let (name, kind, help) = described(counter) else { return nil }
            return Metric(name, kind, help, counters[counter.name] ?? 0)
        }
        return single + families(counters)
    }

    private static func families(_ counters: [String: UInt64]) -> [Metric] {
        func samples(_ label: String, _ values: [(String, Counter)]) -> [Metric.Sample] {
            values.map { value, counter in
                Metric.Sample(
                    labels: [(label, value)], value: Double(counters[counter.name] ?? 0))
            }
        }
        return [
            Metric(
                "dvpn_bytes_total", .counter, "Bytes of connections that have ended, by direction.",
                samples("direction", [("in", .bytesIn), ("out", .bytesOut)])),
            Metric(
                "dvpn_accept_refused_total", .counter,
                "Accepted connections that were closed at once, by reason.",
                samples(
                    "reason",
                    [
                        ("stray", .strays), ("loop", .loops), ("limit", .acceptLimited),
                        ("emfile", .acceptFailures),
                    ])),
            Metric(
                "dvpn_packets_held_total", .counter,
                "Packets for networks whose tunnel carries packets, by what became of them.",
                samples(
                    "result",
                    [
                        ("parked", .packetsParked), ("released", .packetsReleased),
                        ("refused", .packetsRefused), ("dropped", .packetsDropped),
                        ("filtered", .packetsFiltered),
                    ])),
            Metric(
                "dvpn_syn_total", .counter, "First packets of connections, by what was done.",
                samples(
                    "result",
                    [
                        ("received", .synReceived), ("repeated", .synRetransmitted),
                        ("dropped", .synDropped), ("released", .releasedSyn),
                        ("reset", .refusedReset), ("unreachable", .refusedUnreachable),
                        ("not-private", .notPrivate),
                    ])),
            Metric(
                "dvpn_far_sides_total", .counter, "Far sides that were opened, and what failed.",
                samples(
                    "result",
                    [
                        ("started", .connectsStarted), ("failed", .connectFailures),
                        ("timed-out", .connectTimeouts), ("put-off", .connectsPutOff),
                    ])),
            Metric(
                "dvpn_pipes", .gauge, "Pipes that relay, by kind.", pipes(counters)),
        ]
    }

    /// What is neither large nor an earlier process's is small.
    private static func pipes(_ counters: [String: UInt64]) -> [Metric.Sample] {
        func level(_ counter: Counter) -> Double { Double(counters[counter.name] ?? 0) }
        let (large, adopted) = (level(.largePipesNow), level(.adoptedPipesNow))
        let kinds = [
            ("large", large), ("small", level(.pipesInUse) - large - adopted),
            ("adopted", adopted),
        ]
        return kinds.map { Metric.Sample(labels: [("kind", $0.0)], value: $0.1) }
    }

    /// Those that stand alone; nil for those that `families` has.
    private static func described(_ counter: Counter) -> (String, Metric.Kind, String)? {
        switch counter {
        case .accepted:
            ("dvpn_accepted_total", .counter, "Connections accepted.")
        case .paired:
            ("dvpn_connections_joined_total", .counter, "Connections joined with their far side.")
        case .pipeExhausted:
            ("dvpn_pipe_exhausted_total", .counter, "Times that no pipe was free.")
        case .recordsDropped:
            ("dvpn_records_dropped_total", .counter, "Records of connections that were lost.")
        case .linkErrors:
            ("dvpn_link_errors_total", .counter, "Links between the planes closed for an error.")
        case .framesUnknown:
            ("dvpn_link_frames_unknown_total", .counter, "Frames of an unknown kind.")
        case .returnedPackets:
            ("dvpn_packets_returned_total", .counter, "Packets written back to the doorbell.")
        case .strayPackets:
            ("dvpn_packets_stray_total", .counter, "Packets from the doorbell that fit nothing.")
        case .handedOn:
            ("dvpn_handed_on_total", .counter, "Connections passed on to another worker.")
        case .openNow, .openingNow, .parkedNow:
            // By network, from what the controlplane is told as it changes.
            nil
        case .strays, .loops, .notPrivate, .acceptFailures, .bytesIn, .bytesOut, .packetsParked,
            .packetsReleased, .packetsRefused, .packetsDropped, .packetsFiltered, .synReceived,
            .synRetransmitted, .synDropped, .releasedSyn, .refusedReset, .refusedUnreachable,
            .connectsStarted, .connectFailures, .connectTimeouts, .acceptLimited, .connectsPutOff,
            .pipesInUse, .largePipesNow, .adoptedPipesNow:
            nil
        }
    }
}
