/// What a change of known_hosts has left of outdated keys. Pure.
extension HostKeys {
    /// What comes of taking them out.
    enum Cleared: Equatable, Sendable {
        /// The file's text without them.
        case text(String)
        /// Lines that may be other hosts' as well, by their names and the kind of their key: a
        /// person has to change them.
        case held([String])
    }

    /// Takes out the lines by which ssh would still believe an outdated key.
    ///
    /// A hashed name is that of one host alone: its line goes. Patterns are not ours to change.
    ///
    /// - Parameters:
    ///   - found: what `ssh-keygen -F` prints of the host and this text.
    ///   - old: the keys that are to go.
    static func clear(_ text: String, found: String, old: [Key]) -> Cleared {
        let found = numbers(found)
        var kept: [Substring] = []
        var held: [String] = []
        for (index, line) in lines(text).enumerated() {
            guard found.contains(index + 1), let (names, key) = entry(line), old.contains(key)
            else {
                kept.append(line)
                continue
            }
            if names.count == 1 && names[0].hasPrefix("|1|") { continue }
            held.append("\(names.joined(separator: ",")) \(key.kind)")
        }
        return held.isEmpty ? .text(kept.joined(separator: "\n")) : .held(held)
    }

    /// The numbers in lines like `# Host gw found: line 3`. One that is revoked, or an authority's,
    /// has another word at its end.
    private static func numbers(_ found: String) -> Set<Int> {
        var numbers: Set<Int> = []
        for line in found.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            guard words.count == 6, words[0] == "#", words[1] == "Host", words[3] == "found:",
                words[4] == "line", let number = Int(words[5])
            else { continue }
            numbers.insert(number)
        }
        return numbers
    }
}
