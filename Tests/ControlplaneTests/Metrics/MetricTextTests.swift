import Testing

@testable import controlplane

@Suite struct MetricTextTests {
    @Test func `a metric has its help, its kind and its samples`() {
        let metric = Metric(
            "dvpn_bytes_total", .counter, "Bytes.",
            [
                .init(labels: [("direction", "in")], value: 5),
                .init(labels: [("direction", "out")], value: 0.25),
            ])
        #expect(
            MetricText.render([metric]) == """
                # HELP dvpn_bytes_total Bytes.
                # TYPE dvpn_bytes_total counter
                dvpn_bytes_total{direction="in"} 5
                dvpn_bytes_total{direction="out"} 0.25

                """)
    }

    @Test func `what would end a line or a label is escaped`() {
        let metric = Metric(
            "m", .gauge, "a\\b\nc \"d\"", [.init(labels: [("l", "q\"\\\n")], value: 1)])
        #expect(
            MetricText.render([metric])
                == "# HELP m a\\\\b\\nc \"d\"\n# TYPE m gauge\nm{l=\"q\\\"\\\\\\n\"} 1\n")
    }

    @Test func `a metric without samples is not mentioned`() {
        #expect(MetricText.render([Metric("m", .gauge, "x", [])]).isEmpty)
    }

    @Test func `large whole numbers keep their digits`() {
        let text = MetricText.render([Metric("m", .counter, "x", UInt64(1) << 52)])
        #expect(text.hasSuffix("\nm 4503599627370496\n"))
    }
}
