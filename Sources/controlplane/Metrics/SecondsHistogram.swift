/// How often something took how long. Pure.
struct SecondsHistogram: Equatable, Sendable {
    /// Upper bounds of the buckets, in seconds.
    static let bounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

    /// Of each bucket alone, the last without a bound.
    private var buckets = [Int](repeating: 0, count: bounds.count + 1)
    private var sum = 0.0

    /// A clock that was set back is taken for no time at all.
    mutating func add(seconds: Double) {
        let seconds = max(seconds, 0)
        sum += seconds
        buckets[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
    }

    /// As Prometheus wants them: each bucket has those below it, too.
    var samples: [Metric.Sample] {
        var count = 0
        var samples: [Metric.Sample] = []
        for (index, bucket) in buckets.enumerated() {
            count += bucket
            let bound = index < Self.bounds.count ? "\(Self.bounds[index])" : "+Inf"
            samples.append(
                Metric.Sample(suffix: "_bucket", labels: [("le", bound)], value: Double(count)))
        }
        samples.append(Metric.Sample(suffix: "_sum", value: sum))
        samples.append(Metric.Sample(suffix: "_count", value: Double(count)))
        return samples
    }
}
