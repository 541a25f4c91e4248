/// What `nft --stateless list table` says of one of our tables, reduced to what dvpn decided.
struct RulesetListing: Equatable, Sendable {
    /// The lines, without what the kernel put into dynamic sets by itself.
    let lines: [Substring]

    init(_ text: String) {
        var lines: [Substring] = []
        var isDynamic = false
        var isInElements = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("\tset ") { isDynamic = false }
            if line.hasPrefix("\t\tflags ") && line.contains("dynamic") { isDynamic = true }
            // Elements may go over several lines, the last one with the closing brace.
            if isDynamic && line.hasPrefix("\t\telements") { isInElements = true }
            if isInElements {
                isInElements = !line.contains("}")
                continue
            }
            lines.append(line)
        }
        self.lines = lines
    }

    /// Chains, sets and counters, as `chain arrive`.
    var objects: Set<String> {
        Set(
            lines.filter { $0.hasPrefix("\t") && !$0.hasPrefix("\t\t") && $0.hasSuffix("{") }
                .map { $0.dropFirst().dropLast().split(separator: " ").joined(separator: " ") })
    }

    /// Equal for equal listings.
    var fingerprint: String { Fingerprint.text(lines.joined(separator: "\n")) }

    /// The chains, sets and counters of `table` that a script of ours adds.
    static func objects(addedBy script: String, table: String) -> Set<String> {
        Set(
            script.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                guard words.count >= 5, words[0] == "add", words[3] == table,
                    ["chain", "set", "counter"].contains(words[1])
                else { return nil }
                return "\(words[1]) \(words[4])"
            })
    }
}
