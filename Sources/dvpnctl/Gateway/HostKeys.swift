/// Lines of known_hosts. Pure.
enum HostKeys {
    /// A key as a server shows it.
    struct Key: Hashable, Sendable {
        let kind: String
        let base64: String
    }

    /// What pinning would do to a file.
    enum Change: Equatable, Sendable {
        case none
        /// The file's text with the new keys.
        case add(String)
        /// Other keys of the same kind are there: the text in which the new ones replace them.
        case replace(String)
    }

    /// What known_hosts calls a gateway.
    static func name(host: String, port: Int) -> String {
        port == 22 ? host : "[\(host)]:\(port)"
    }

    /// The keys in what ssh-keyscan prints, in an order that stays the same.
    static func scanned(_ text: String) -> [Key] {
        var keys: [Key] = []
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count >= 3 else { continue }
            let key = Key(kind: String(words[1]), base64: String(words[2]))
            if !keys.contains(key) { keys.append(key) }
        }
        return keys.sorted { $0.kind < $1.kind }
    }

    static func change(_ text: String, name: String, keys: [Key]) -> Change {
        var kept: [String] = []
        var known: Set<Key> = []
        var hasOthers = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let words = line.split(separator: " ")
            let names = words.first?.split(separator: ",") ?? []
            guard words.count >= 3, !line.hasPrefix("#"), !line.hasPrefix("@"),
                names.contains(Substring(name))
            else {
                kept.append(String(line))
                continue
            }
            let key = Key(kind: String(words[1]), base64: String(words[2]))
            known.insert(key)
            guard keys.contains(where: { $0.kind == key.kind && $0 != key }) else {
                kept.append(String(line))
                continue
            }
            hasOthers = true
            let others = names.filter { $0 != name }
            if !others.isEmpty {
                kept.append(
                    ([others.joined(separator: ",")] + words.dropFirst().map(String.init))
                        .joined(separator: " "))
            }
        }
        let new = keys.filter { !known.contains($0) }
        guard !new.isEmpty else { return .none }
        var result = kept.joined(separator: "\n")
        if !result.isEmpty && !result.hasSuffix("\n") { result += "\n" }
        for key in new { result += "\(name) \(key.kind) \(key.base64)\n" }
        return hasOthers ? .replace(result) : .add(result)
    }
}
