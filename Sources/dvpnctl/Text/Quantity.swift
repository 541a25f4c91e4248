/// Times and sizes for people: two parts of a time, three digits of a size.
enum Quantity {
    /// `12s`, `3m12s`, `2h5m`, `3d4h`. What is negative, by clocks that disagree, is `0s`.
    static func age(seconds: Int) -> String {
        let rest = max(seconds, 0)
        switch rest {
        case ..<60: return "\(rest)s"
        case ..<3_600: return join(rest / 60, "m", rest % 60, "s")
        case ..<86_400: return join(rest / 3_600, "h", rest % 3_600 / 60, "m")
        default: return join(rest / 86_400, "d", rest % 86_400 / 3_600, "h")
        }
    }

    /// `512 B`, `1.5 KiB`, `23 MiB`.
    static func bytes(_ count: UInt64) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var unit = 0
        // Tenths, so that no floating point is needed to round them down.
        var tenths = (count, UInt64(0))
        while tenths.0 >= 1_024 && unit < units.count - 1 {
            tenths = (tenths.0 / 1_024, tenths.0 % 1_024 * 10 / 1_024)
            unit += 1
        }
        let isShort = unit > 0 && tenths.0 < 10
        return isShort ? "\(tenths.0).\(tenths.1) \(units[unit])" : "\(tenths.0) \(units[unit])"
    }

    /// `850us`, `1.2ms`, `34ms`, `5.6s`.
    static func microseconds(_ count: UInt64) -> String {
        switch count {
        case ..<1_000: "\(count)us"
        case ..<10_000: "\(count / 1_000).\(count % 1_000 / 100)ms"
        case ..<1_000_000: "\(count / 1_000)ms"
        default: "\(count / 1_000_000).\(count % 1_000_000 / 100_000)s"
        }
    }

    private static func join(_ large: Int, _ name: String, _ small: Int, _ other: String) -> String
    {
        small == 0 ? "\(large)\(name)" : "\(large)\(name)\(small)\(other)"
    }
}
