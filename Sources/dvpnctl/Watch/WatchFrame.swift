/// Lines as a terminal takes them. Pure.
enum WatchFrame {
    /// The other screen, without a cursor; and back (xterm's control sequences).
    static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    static let leave = "\u{1B}[?25h\u{1B}[?1049l"

    /// From the upper left corner, over what is there: nothing flickers.
    static func text(_ lines: [[Span]], colours: Bool) -> String {
        let rows = lines.map { line($0, colours: colours) + "\u{1B}[K" }
        return "\u{1B}[H" + rows.joined(separator: "\r\n") + "\u{1B}[J"
    }

    /// A line without its end.
    static func line(_ spans: [Span], colours: Bool) -> String {
        spans.map { span in
            guard colours, let code = span.style.code else { return span.text }
            return "\u{1B}[\(code)m\(span.text)\u{1B}[0m"
        }.joined()
    }

    /// Whether colours are wanted: on a terminal that can, by somebody who has not said no
    /// (no-color.org).
    static func wantsColours(isTerminal: Bool, environment: [String: String]) -> Bool {
        isTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    }
}
