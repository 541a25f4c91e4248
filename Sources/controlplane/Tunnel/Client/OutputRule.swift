/// One text of a client's output and what it means.
struct OutputRule: Sendable {
    let kind: Failure.Kind
    /// All of these must occur in one line.
    let words: [String]
    /// For a person: what happened and what to do. `%` stands for the gateway.
    let message: String

    init(_ kind: Failure.Kind, _ words: String..., say message: String) {
        self.kind = kind
        self.words = words
        self.message = message
    }

    func matches(_ line: String) -> Bool { words.allSatisfy { line.contains($0) } }

    /// The failure of the first rule that any line matches, with the last such line; the order of
    /// the rules is from the cause to its consequences.
    static func first(_ rules: [OutputRule], in lines: [String], gateway: String) -> Failure? {
        for rule in rules {
            guard let line = lines.last(where: { rule.matches($0) }) else { continue }
            let sentence = rule.message.split(separator: "%", omittingEmptySubsequences: false)
                .joined(separator: gateway)
            return Failure(rule.kind, sentence, evidence: line)
        }
        return nil
    }

    /// A log's lines without blanks around them; empty ones are left out.
    static func lines(_ log: String) -> [String] {
        log.split(whereSeparator: \.isNewline).map { line in
            var line = line.drop(while: \.isWhitespace)
            while line.last?.isWhitespace == true { line.removeLast() }
            return String(line)
        }.filter { !$0.isEmpty }
    }
}
