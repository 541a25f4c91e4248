/// Durations as they are written in the configuration: `250ms`, `90s`, `5m`, `1h30m`.
///
/// Whole numbers with a unit each, larger units first, no spaces, no signs, no fractions.
enum DurationText {
    private static let units: [(name: String, milliseconds: Int)] = [
        ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// Milliseconds; nil where the text is no duration or beyond what fits.
    static func parse(_ text: String) -> Int? {
        var rest = Substring(text)
        var total = 0
        var unitsLeft = units[...]
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { $0.isASCII && $0.isLetter }
            guard let index = unitsLeft.firstIndex(where: { $0.name == name }) else { return nil }
            rest = rest.dropFirst(name.count)
            let (part, tooLarge) = count.multipliedReportingOverflow(by: units[index].milliseconds)
            let (sum, tooMuch) = total.addingReportingOverflow(part)
            guard !tooLarge, !tooMuch else { return nil }
            total = sum
            unitsLeft = units[(index + 1)...]
        }
        return text.isEmpty ? nil : total
    }

    /// The shortest text that `parse` reads as the same time. `milliseconds` is not negative.
    static func format(_ milliseconds: Int) -> String {
        precondition(milliseconds >= 0)
        var rest = milliseconds
        var text = ""
        for unit in units where rest >= unit.milliseconds {
            text += "\(rest / unit.milliseconds)\(unit.name)"
            rest %= unit.milliseconds
        }
        return text.isEmpty ? "0s" : text
    }
}
