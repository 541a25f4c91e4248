internal import FoundationEssentials
internal import Reports

/// The table of networks: columns of fixed width, so that nothing jumps when a number gets longer. On
/// 80 columns it ends with the rates; a wider screen has longer names and gateways.
struct WatchTable {
    private static let nameMax = 14
    /// All columns but the name's, with the gaps between them.
    private static let restWidth = 62
    private static let gatewayMin = 12

    private let nameWidth: Int
    private let gatewayWidth: Int

    init(width: Int, names: [String]) {
        let longest = names.map(\.unicodeScalars.count).max() ?? 0
        nameWidth = max(7, min(longest, max(Self.nameMax, width - Self.restWidth - 24)))
        let left = width - nameWidth - Self.restWidth - 2
        gatewayWidth = left >= Self.gatewayMin ? left : 0
    }

    var heading: [Span] {
        let words = ["NETWORK", "STATE", "FOR", "NEXT", "OPEN", "IN/S", "OUT/S"]
        return [Span(line(words, "GATEWAY"), .heading)]
    }

    func row(
        _ network: NetworkReport, _ rate: WatchModel.Rate, _ now: Date, _ style: Span.Style
    ) -> [Span] {
        let next = NetworkText.next(network, now)
            .replacing(" in ", with: " ").replacing(" for ", with: " ")
        let cells = [
            network.name, network.state.rawValue, NetworkText.age(network, now),
            network.heldDown == true ? "held down" : next, "\(network.connections.open)",
            Self.bytes(rate.bytesIn), Self.bytes(rate.bytesOut),
        ]
        let text = line(cells, network.gateway ?? "")
        let state = nameWidth + 2
        let scalars = Array(text.unicodeScalars)
        func part(_ range: Range<Int>) -> String {
            String(String.UnicodeScalarView(scalars[range]))
        }
        let end = min(state + 8, scalars.count)
        return [
            Span(part(0..<state)), Span(part(state..<end), style),
            Span(part(end..<scalars.count)),
        ]
    }

    private static func bytes(_ count: UInt64) -> String {
        count == 0 ? "-" : Quantity.bytes(count)
    }

    private func line(_ cells: [String], _ gateway: String) -> String {
        let widths = [nameWidth, 8, 6, 13, 6, 8, 8]
        var text = zip(cells, widths).enumerated().map { column, cell in
            let (word, width) = cell
            return Self.cell(word, width, toTheRight: column >= 4)
        }.joined(separator: "  ")
        if gatewayWidth > 0 { text += "  " + Self.cell(gateway, gatewayWidth, toTheRight: false) }
        return text
    }

    /// Exactly as wide as is said.
    private static func cell(_ word: String, _ width: Int, toTheRight: Bool) -> String {
        let count = word.unicodeScalars.count
        guard count <= width else {
            return String(String.UnicodeScalarView(word.unicodeScalars.prefix(width - 1))) + "…"
        }
        let padding = String(repeating: " ", count: width - count)
        return toTheRight ? padding + word : word + padding
    }
}
