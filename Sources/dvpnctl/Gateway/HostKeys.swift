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
        /// Other keys are there, which contradict: the text in which the new ones replace them.
        case replace(String)
    }

    /// What known_hosts calls a gateway.
    static func name(host: String, port: Int) -> String {
        port == 22 ? host : "[\(host)]:\(port)"
    }

    /// The keys in what ssh-keyscan or `ssh-keygen -F` prints, in an order that stays the same.
    static func printed(_ text: String) -> [Key] {
        var keys: [Key] = []
        for line in text.split(whereSeparator: \.isNewline) {
            if let key = entry(line)?.key, !keys.contains(key) { keys.append(key) }
        }
        return keys.sorted { $0.kind < $1.kind }
    }

    /// Whether what a gateway shows contradicts what is recorded of it: none of the recorded keys is
    /// shown any more, or another one of a recorded kind. Nothing recorded contradicts nothing.
    static func differ(recorded: [Key], shown: [Key]) -> Bool {
        isNoneShown(recorded, shown)
            || shown.contains { key in
                recorded.contains { $0.kind == key.kind } && !recorded.contains(key)
            }
    }

    /// What recording keys does to a file.
    ///
    /// - Parameters:
    ///   - keys: those to record.
    ///   - recorded: what ssh finds in the file for that name; nil: the lines with the plain name.
    ///   - shown: all that the gateway shows; nil: no more than `keys`.
    static func change(
        _ text: String, name: String, keys: [Key], recorded: [Key]? = nil, shown: [Key]? = nil
    ) -> Change {
        let shown = shown ?? keys
        let recorded = recorded ?? plain(text, name: name)
        let new = keys.filter { !recorded.contains($0) }
        guard !new.isEmpty else { return .none }
        let goesAll = isNoneShown(recorded, shown)
        var kept: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            guard let (names, key) = entry(line), names.contains(Substring(name)),
                goesAll || new.contains(where: { $0.kind == key.kind })
            else {
                kept.append(String(line))
                continue
            }
            let others = names.filter { $0 != name }
            if !others.isEmpty {
                let rest = line.split(separator: " ").dropFirst().map(String.init)
                kept.append(([others.joined(separator: ",")] + rest).joined(separator: " "))
            }
        }
        var result = kept.joined(separator: "\n")
        if !result.isEmpty && !result.hasSuffix("\n") { result += "\n" }
        for key in new { result += "\(name) \(key.kind) \(key.base64)\n" }
        return differ(recorded: recorded, shown: shown) ? .replace(result) : .add(result)
    }

    private static func isNoneShown(_ recorded: [Key], _ shown: [Key]) -> Bool {
        !recorded.isEmpty && !recorded.contains(where: shown.contains)
    }

    /// The keys that stand behind a name as it is written here.
    private static func plain(_ text: String, name: String) -> [Key] {
        text.split(separator: "\n").compactMap(entry).filter { $0.names.contains(Substring(name)) }
            .map(\.key)
    }

    /// One line: whose key, and which; nil where it is no key to be believed.
    private static func entry(_ line: Substring) -> (names: [Substring], key: Key)? {
        let words = line.split(separator: " ")
        guard words.count >= 3, !line.hasPrefix("#"), !line.hasPrefix("@") else { return nil }
        return (
            words[0].split(separator: ","), Key(kind: String(words[1]), base64: String(words[2]))
        )
    }
}
