internal import Reports

extension ConfigTable {
    /// One of the words in `choices`.
    func choice<Choice>(
        _ key: String, _ choices: KeyValuePairs<String, Choice>, _ errors: inout [ConfigError]
    ) -> Choice? {
        guard let word = string(key, &errors) else { return nil }
        if let found = choices.first(where: { $0.key == word }) { return found.value }
        errors.append(wrongWord(key, word, choices.map(\.key)))
        return nil
    }

    /// One of the words of an enumeration.
    func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ key: String, _ errors: inout [ConfigError]
    ) -> Choice? {
        word(key, of: Choice.allCases.map(\.rawValue), &errors).flatMap { Choice(rawValue: $0) }
    }

    /// One of the words.
    func word(_ key: String, of words: [String], _ errors: inout [ConfigError]) -> String? {
        guard let word = string(key, &errors) else { return nil }
        if words.contains(word) { return word }
        errors.append(wrongWord(key, word, words))
        return nil
    }

    /// What a program is given as one argument or one line: not empty, no control characters, and
    /// nothing at its ends that the program would take off.
    func line(_ key: String, _ errors: inout [ConfigError]) -> String? {
        guard let text = string(key, &errors) else { return nil }
        let scalars = text.unicodeScalars
        if scalars.isEmpty {
            errors.append(complaint(key, "`\(key)` is empty"))
        } else if scalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            errors.append(complaint(key, "`\(key)` has a control character in it"))
        } else if " \"".unicodeScalars.contains(where: { $0 == scalars.first || $0 == scalars.last }
        ) {
            errors.append(complaint(key, "`\(key)` begins or ends with a blank or a quote"))
        } else {
            return text
        }
        return nil
    }

    /// - Parameter reader: the user who reads the file, for the hint.
    func absolutePath(
        _ key: String, reader: String? = nil, _ errors: inout [ConfigError]
    ) -> String? {
        guard let path = string(key, &errors) else { return nil }
        guard path.hasPrefix("/") else {
            let hint = path.hasPrefix("~") ? reader.map { "\($0), which has no ~" } : nil
            errors.append(complaint(key, "`\(key)` must be an absolute path", hint: hint))
            return nil
        }
        return path
    }

    private func wrongWord(_ key: String, _ word: String, _ names: [String]) -> ConfigError {
        let near = Spelling.nearest(to: word, in: names)
        let message = "`\(key)` must be \(Self.list(names)), not \"\(word)\""
        return complaint(key, message, hint: near.map { "did you mean \"\($0)\"?" })
    }

    /// The words in quotes, as a sentence lists them: `"a", "b" or "c"`.
    private static func list(_ words: [String]) -> String {
        let quoted = words.map { "\"\($0)\"" }
        guard let last = quoted.last, quoted.count > 1 else { return quoted.first ?? "" }
        return "\(quoted.dropLast().joined(separator: ", ")) or \(last)"
    }
}
