/// Pieces of nft(8) scripts that both tables need.
///
/// A table is changed in place: objects are added (nothing happens where they are), emptied and
/// filled in one transaction. Deleting and making it anew would let packets through in between.
enum NftText {
    /// Elements per line: a parser error then shows a line that a person can read.
    private static let elementsMax = 256

    static func set(_ table: String, _ name: String, _ type: String) -> String {
        "add set inet \(table) \(name) { \(type) }\n"
    }

    /// Empties a set and fills it.
    static func content(_ table: String, _ name: String, _ elements: [String]) -> String {
        var text = "flush set inet \(table) \(name)\n"
        var rest = elements[...]
        while !rest.isEmpty {
            let line = rest.prefix(elementsMax).joined(separator: ", ")
            text += "add element inet \(table) \(name) { \(line) }\n"
            rest = rest.dropFirst(elementsMax)
        }
        return text
    }

    /// Adds the lines of `rules` to a chain, one rule each; blank lines and `#` comments are left
    /// out.
    static func rules(_ table: String, _ chain: String, _ rules: String) -> String {
        rules.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { "add rule inet \(table) \(chain) \($0)\n" }.joined()
    }
}
