/// One metric with its samples, as Prometheus knows it
/// (https://prometheus.io/docs/concepts/data_model/). Pure.
struct Metric: Equatable, Sendable {
    enum Kind: String, Sendable { case counter, gauge, histogram }

    /// One value and what tells it from the others of its metric.
    struct Sample: Equatable, Sendable {
        /// `_bucket`, `_sum` or `_count` of a histogram; else empty.
        var suffix = ""
        /// Names and values, in the order in which they are written.
        var labels: [(name: String, value: String)] = []
        let value: Double

        static func == (a: Sample, b: Sample) -> Bool {
            a.suffix == b.suffix && a.value == b.value
                && a.labels.elementsEqual(b.labels) { $0 == $1 }
        }
    }

    /// With `dvpn_` before it and the unit, or `_total`, behind it.
    let name: String
    let kind: Kind
    /// One sentence.
    let help: String
    let samples: [Sample]

    init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// One value without labels.
    init(_ name: String, _ kind: Kind, _ help: String, _ value: some BinaryInteger) {
        self.init(name, kind, help, [Sample(value: Double(value))])
    }
}
