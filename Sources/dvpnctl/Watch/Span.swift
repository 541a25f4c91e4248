/// A piece of a line with one look. A line of the screen is a row of them.
struct Span: Equatable, Sendable {
    enum Style: Sendable {
        case plain, title, heading, good, busy, warning, bad, faint

        /// What makes a terminal show it (ECMA-48, SGR); nil: nothing.
        var code: String? {
            switch self {
            case .plain: nil
            case .title: "7"
            case .heading: "1"
            case .good: "32"
            case .busy: "36"
            case .warning: "33"
            case .bad: "1;31"
            case .faint: "2"
            }
        }
    }

    let text: String
    let style: Style

    /// Control characters would be orders to the terminal, and what is not one column wide would break
    /// the lines: a gateway's own words may be among what is shown.
    init(_ text: String, _ style: Style = .plain) {
        self.text = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { Self.isOneColumn($0) ? $0 : "?" }))
        self.style = style
    }

    private static func isOneColumn(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E, 0xA1...0xAC, 0xAE...0x2FF, 0x370...0x482, 0x48A...0x52F: true
        // Dashes, quotation marks, an ellipsis, arrows.
        case 0x2010...0x2027, 0x2190...0x21FF: true
        default: false
        }
    }

    /// The pieces of a line within `width` columns; where something is cut off, an ellipsis says so.
    static func clip(_ spans: [Span], _ width: Int) -> [Span] {
        var left = width
        var clipped: [Span] = []
        for span in spans {
            let count = span.text.unicodeScalars.count
            guard count > left else {
                clipped.append(span)
                left -= count
                continue
            }
            guard left > 0 else { return markEnd(clipped) }
            let kept = String(span.text.unicodeScalars.prefix(left - 1))
            return clipped + [Span(kept + "…", span.style)]
        }
        return clipped
    }

    /// The last column becomes an ellipsis.
    private static func markEnd(_ spans: [Span]) -> [Span] {
        guard let last = spans.last, !last.text.isEmpty else { return spans }
        return spans.dropLast()
            + [Span(String(last.text.unicodeScalars.dropLast()) + "…", last.style)]
    }
}
