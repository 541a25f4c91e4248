/// One complaint about the configuration: where, what, and what to do about it.
struct ConfigError: Error, Hashable, Sendable {
    let position: SourcePosition

    /// The key it is about, such as `network[2].ssh.port`; empty where it is about no key.
    let key: String

    /// What is wrong: one sentence without a full stop.
    let message: String

    /// The likely remedy, where there is one.
    let hint: String?

    /// The line of the file and how many columns to underline; empty where there is no line.
    let excerpt: String
    let width: Int

    init(
        position: SourcePosition, key: String = "", message: String, hint: String? = nil,
        excerpt: String = "", width: Int = 1
    ) {
        self.position = position
        self.key = key
        self.message = message
        self.hint = hint
        self.excerpt = excerpt
        self.width = width
    }

    /// In one line, for a log: `file:line:column: error: message; hint`.
    var line: String {
        "\(position): error: \(message)" + (hint.map { "; \($0)" } ?? "")
    }

    /// For a terminal: the complaint, the line of the file, a caret under the place, the hint.
    var report: String {
        "\(position): error: \(message)\n" + picture + (hint.map { "hint: \($0)\n" } ?? "")
    }

    /// The line of the file and a caret under the place; empty where there is no line.
    var picture: String {
        guard !excerpt.isEmpty else { return "" }
        let number = "\(position.line)"
        let gutter = String(repeating: " ", count: max(5 - number.count, 0)) + number
        // Tabs stay tabs, so that the caret stands under its column at any tab width.
        let before = excerpt.unicodeScalars.prefix(position.column - 1)
        let indent = String(before.map { $0 == "\t" ? "\t" : " " } as [Character])
        let room = excerpt.unicodeScalars.count - before.count
        let tail = String(repeating: "~", count: max(min(width, room) - 1, 0))
        return "\(gutter) | \(excerpt)\n      | \(indent)^\(tail)\n"
    }
}

/// Everything that is wrong with a configuration, in the order of the files and their lines.
struct ConfigErrors: Error, Equatable, Sendable, CustomStringConvertible {
    /// A report of ten thousand complaints helps nobody.
    static let reportedMax = 50

    let errors: [ConfigError]

    init(_ errors: [ConfigError]) {
        self.errors = errors
    }

    /// For a terminal: each complaint with its line, then how many there are.
    var report: String {
        let shown = errors.prefix(Self.reportedMax).map(\.report).joined()
        let total = errors.count == 1 ? "1 error" : "\(errors.count) errors"
        let rest = errors.count > Self.reportedMax ? ", \(Self.reportedMax) shown" : ""
        return shown + total + rest + "\n"
    }

    /// The first complaint in one line and the number of others, for a log.
    var description: String {
        guard let first = errors.first else { return "no error" }
        return errors.count == 1 ? first.line : "\(first.line) (and \(errors.count - 1) more)"
    }
}
