/// Pieces of nft(8) scripts that both tables need.
///
/// A table is changed in place: objects are added (nothing happens where they are), emptied and
/// filled in one transaction. Deleting and making it anew would let packets through in between.
enum NftText {
    /// Elements per line: a parser error then shows a line that a person can read.
    private static let elementsMax = 256

    /// Empties a set and fills it.
    static func content(_ table: String, _ name: String, _ elements: [String]) -> String {
        "flush set inet \(table) \(name)\n" + self.elements("add", table, name, elements)
    }

    /// Adds elements to a set, or deletes them.
    static func elements(
        _ verb: String, _ table: String, _ name: String, _ elements: [String]
    ) -> String {
        var text = ""
        var rest = elements[...]
        while !rest.isEmpty {
            let line = rest.prefix(elementsMax).joined(separator: ", ")
            text += "\(verb) element inet \(table) \(name) { \(line) }\n"
            rest = rest.dropFirst(elementsMax)
        }
        return text
    }

    /// Empties and fills the set of each family, called `name` and 4 or 6.
    static func content(_ table: String, _ name: String, _ elements: NftSets.ByFamily) -> String {
        content(table, "\(name)4", elements.ipv4) + content(table, "\(name)6", elements.ipv6)
    }

    /// Names of interfaces as elements of a set.
    static func quoted(_ names: [String]) -> [String] { names.map { "\"\($0)\"" } }

    /// Any of these interfaces, as a set without a name; at least one.
    static func oneOf(_ names: [String]) -> String {
        "{ " + quoted(names).joined(separator: ", ") + " }"
    }

    /// A rule from its pieces, of which some may be empty.
    static func words(_ pieces: String...) -> String {
        pieces.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// A script without the rules that can match nothing, because they ask for an element of a set
    /// that has none: every packet pays for each rule that it meets.
    ///
    /// - Parameter empty: names of sets that have no elements and get none but by another script.
    static func alive(_ script: String, without empty: Set<String>) -> String {
        script.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
            guard line.hasPrefix("add rule ") else { return String(line) }
            var words: [Substring] = []
            for word in line.split(separator: " ") {
                words.append(word)
                guard word.hasPrefix("@"), empty.contains(String(word.dropFirst())) else {
                    continue
                }
                let operation = words.dropLast().suffix(2)
                guard operation.last == "!=" else { return nil }
                // "ip daddr != @set" says that it is IPv4 as well; "oifname != @set" says nothing.
                if operation.first == "iifname" || operation.first == "oifname" {
                    words.removeLast(3)
                }
            }
            return words.joined(separator: " ")
        }.joined(separator: "\n")
    }

    /// Adds the lines of `rules` to a chain, one rule each; blank lines and `#` comments are left
    /// out.
    static func rules(_ table: String, _ chain: String, _ rules: String) -> String {
        rules.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .map { "add rule inet \(table) \(chain) \($0)\n" }.joined()
    }
}
