/// Metrics in Prometheus' text format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/). Pure.
enum MetricText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Metrics without a sample are left out.
    static func render(_ metrics: [Metric]) -> String {
        var text = ""
        for metric in metrics where !metric.samples.isEmpty {
            text += "# HELP \(metric.name) \(escaped(metric.help, quotes: false))\n"
            text += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for sample in metric.samples {
                text += "\(metric.name)\(sample.suffix)\(labels(sample)) \(number(sample.value))\n"
            }
        }
        return text
    }

    private static func labels(_ sample: Metric.Sample) -> String {
        guard !sample.labels.isEmpty else { return "" }
        let pairs = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
        return "{\(pairs.joined(separator: ","))}"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        text.reduce(into: "") { escaped, character in
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.append(character)
            }
        }
    }

    private static func number(_ value: Double) -> String {
        // Whole numbers without a point, as far as a double has them exactly.
        value.rounded() == value && abs(value) < 9_007_199_254_740_992
            ? "\(Int64(value))" : "\(value)"
    }
}
