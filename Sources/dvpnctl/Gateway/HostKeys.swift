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

    /// How the names of ssh's kinds of public keys begin.
    static let kinds = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"]

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
        let old = outdated(recorded: recorded, keys: keys, shown: shown)
        var kept: [String] = []
        for line in lines(text) {
            guard let (names, key) = entry(line), names.contains(Substring(name)),
                old.contains(key)
            else {
                kept.append(String(line))
                continue
            }
            let others = names.filter { $0 != name }
            if !others.isEmpty {
                let rest = words(line).dropFirst().map(String.init)
                kept.append(([others.joined(separator: ",")] + rest).joined(separator: " "))
            }
        }
        var result = kept.joined(separator: "\n")
        if let last = result.utf8.last, last != UInt8(ascii: "\n") { result += "\n" }
        for key in new { result += "\(name) \(key.kind) \(key.base64)\n" }
        return differ(recorded: recorded, shown: shown) ? .replace(result) : .add(result)
    }

    /// Which of the recorded keys the new ones among `keys` replace.
    static func outdated(recorded: [Key], keys: [Key], shown: [Key]) -> [Key] {
        let new = keys.filter { !recorded.contains($0) }
        guard !new.isEmpty else { return [] }
        if isNoneShown(recorded, shown) { return recorded }
        return recorded.filter { key in new.contains { $0.kind == key.kind } }
    }

    /// Whether it is a whole fingerprint as ssh-keygen writes it: SHA-256 in base64, without `=`.
    static func isFingerprint(_ text: String) -> Bool {
        let begin = "SHA256:"
        let digest = text.utf8.dropFirst(begin.utf8.count)
        guard text.hasPrefix(begin), digest.count == 43 else { return false }
        return digest.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20)
                || "+/".utf8.contains($0)
        }
    }

    private static func isNoneShown(_ recorded: [Key], _ shown: [Key]) -> Bool {
        !recorded.isEmpty && !recorded.contains(where: shown.contains)
    }

    /// The keys that stand behind a name as it is written here.
    private static func plain(_ text: String, name: String) -> [Key] {
        lines(text).compactMap(entry).filter { $0.names.contains(Substring(name)) }.map(\.key)
    }

    /// The lines as ssh counts them. A carriage return stays in its line.
    static func lines(_ text: String) -> [Substring] {
        text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map { Substring($0) }
    }

    /// One line: whose key, and which; nil where it is no key to be believed. Messages of
    /// ssh-keyscan are none.
    static func entry(_ line: Substring) -> (names: [Substring], key: Key)? {
        let found = words(line)
        guard found.count >= 3, !found[0].hasPrefix("#"), !found[0].hasPrefix("@"),
            kinds.contains(where: found[1].hasPrefix), found[2].hasPrefix("AAAA")
        else { return nil }
        return (
            found[0].split(separator: ","), Key(kind: String(found[1]), base64: String(found[2]))
        )
    }

    /// Both blanks part words.
    private static func words(_ line: Substring) -> [Substring] {
        line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
    }
}
