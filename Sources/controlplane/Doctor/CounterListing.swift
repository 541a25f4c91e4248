/// Packets of each named counter in what `nft list counters` says. Pure.
enum CounterListing {
    static func parse(_ text: String) -> [String: UInt64] {
        var counters: [String: UInt64] = [:]
        var name: Substring?
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            switch words.first {
            case "counter": name = words.count > 1 ? words[1] : nil
            case "packets":
                guard let name, words.count > 1, let packets = UInt64(words[1]) else { continue }
                counters[String(name)] = packets
            default: break
            }
        }
        return counters
    }
}
