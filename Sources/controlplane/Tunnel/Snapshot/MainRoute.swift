/// A route of the main table, in the words of ip-route(8), which takes them back as they are.
struct MainRoute: Hashable, Sendable, Codable {
    /// 4 or 6.
    let family: Int
    let words: [String]

    /// The devices that it leads to.
    var devices: [String] {
        words.indices.dropLast().filter { words[$0] == "dev" }.map { words[$0 + 1] }
    }

    /// Made by the kernel from router advertisements, which also take it away again.
    var isAdvertised: Bool {
        words.indices.dropLast().contains { words[$0] == "proto" && words[$0 + 1] == "ra" }
    }

    var text: String { words.joined(separator: " ") }

    /// Reads `ip -oneline route show`, without what only describes a state and is no setting.
    static func parse(_ listing: String, family: Int) -> [MainRoute] {
        let states: Set<String> = ["linkdown", "dead", "offload", "trap", "unresolved"]
        return listing.split(whereSeparator: \.isNewline).compactMap { line in
            var words: [String] = []
            var skip = false
            for word in line.split(whereSeparator: { $0.isWhitespace || $0 == "\\" }) {
                if skip {
                    skip = false
                } else if word == "expires" || word == "error" {
                    skip = true
                } else if !states.contains(String(word)) {
                    words.append(String(word))
                }
            }
            return words.isEmpty ? nil : MainRoute(family: family, words: words)
        }
    }
}
