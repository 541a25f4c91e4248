/// Walks through a TOML 1.0 text and notes where keys and values begin.
///
/// It recognises tokens and nesting, not types: the TOML library has judged the text already.
/// A text that is not TOML ends the walk; nothing is thrown and nothing read beyond the end.
struct TOMLScanner {
    /// The TOML library refuses deeper nesting, so that nothing behind it is ever asked for.
    private static let depthMax = 256

    private(set) var keys: [ConfigPath: SourceSpan] = [:]
    private(set) var values: [ConfigPath: SourceSpan] = [:]
    private(set) var firstNul: SourceSpan?

    private var cursor: TextCursor

    /// How many `[[name]]` headers each array of tables has had.
    private var elements: [ConfigPath: Int] = [:]

    init(_ text: String) {
        cursor = TextCursor(text)
    }

    mutating func scan() {
        var table = ConfigPath.top
        while true {
            skipBlank()
            guard let byte = cursor.current else { return }
            if byte == UInt8(ascii: "[") {
                guard let entered = header() else { return }
                table = entered
            } else {
                guard pair(in: table, depth: 0) else { return }
            }
        }
    }

    // MARK: Headers and keys

    /// `[a.b]` or `[[a.b]]`: the table that the following pairs belong to; nil where it is neither.
    private mutating func header() -> ConfigPath? {
        let isArray = cursor.isAt("[[")
        cursor.advance(isArray ? 2 : 1)
        guard let parts = dottedKey() else { return nil }
        var path = ConfigPath.top
        for (number, part) in parts.enumerated() {
            path = path.appending(part.name)
            note(key: path, part.span)
            let isLast = number == parts.count - 1
            if isArray && isLast {
                let count = elements[path, default: 0]
                elements[path] = count + 1
                path = path.appending(count)
                note(key: path, part.span)
            } else if let count = elements[path] {
                path = path.appending(count - 1)
            }
        }
        skipSpace()
        guard isArray ? cursor.isAt("]]") : cursor.isAt("]") else { return nil }
        cursor.advance(isArray ? 2 : 1)
        return path
    }

    /// `key = value`; false where it is not one.
    private mutating func pair(in table: ConfigPath, depth: Int) -> Bool {
        guard let parts = dottedKey() else { return false }
        var path = table
        for part in parts {
            path = path.appending(part.name)
            note(key: path, part.span)
        }
        skipSpace()
        guard cursor.current == UInt8(ascii: "=") else { return false }
        cursor.advance()
        skipSpace()
        return value(at: path, depth: depth)
    }

    private mutating func dottedKey() -> [(name: String, span: SourceSpan)]? {
        var parts: [(name: String, span: SourceSpan)] = []
        while true {
            skipSpace()
            let start = cursor
            guard let name = keyPart() else { return nil }
            parts.append((name, cursor.span(since: start)))
            skipSpace()
            guard cursor.current == UInt8(ascii: ".") else { return parts }
            cursor.advance()
        }
    }

    private mutating func keyPart() -> String? {
        switch cursor.current {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return string()
        default:
            let name = cursor.take { byte in
                byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
            return name.isEmpty ? nil : name
        }
    }

    /// The first mention counts: `[a]` after `[a.b]` does not move `a`.
    private mutating func note(key path: ConfigPath, _ span: SourceSpan) {
        if keys[path] == nil { keys[path] = span }
    }

    // MARK: Values

    private mutating func value(at path: ConfigPath, depth: Int) -> Bool {
        guard depth < Self.depthMax else { return false }
        let start = cursor
        let isWhole: Bool
        switch cursor.current {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): isWhole = string() != nil
        case UInt8(ascii: "["): isWhole = array(at: path, depth: depth + 1)
        case UInt8(ascii: "{"): isWhole = inlineTable(at: path, depth: depth + 1)
        default: isWhole = plain()
        }
        if isWhole { values[path] = cursor.span(since: start) }
        return isWhole
    }

    private mutating func array(at path: ConfigPath, depth: Int) -> Bool {
        cursor.advance()
        var index = 0
        while true {
            skipBlank()
            if cursor.current == UInt8(ascii: "]") { break }
            guard value(at: path.appending(index), depth: depth) else { return false }
            index += 1
            skipBlank()
            if cursor.current == UInt8(ascii: "]") { break }
            guard cursor.current == UInt8(ascii: ",") else { return false }
            cursor.advance()
        }
        cursor.advance()
        return true
    }

    private mutating func inlineTable(at path: ConfigPath, depth: Int) -> Bool {
        cursor.advance()
        while true {
            skipSpace()
            if cursor.current == UInt8(ascii: "}") { break }
            guard pair(in: path, depth: depth) else { return false }
            skipSpace()
            if cursor.current == UInt8(ascii: "}") { break }
            guard cursor.current == UInt8(ascii: ",") else { return false }
            cursor.advance()
        }
        cursor.advance()
        return true
    }

    /// A number, a boolean or a date. Dates may hold one space, so that spaces do not end it.
    private mutating func plain() -> Bool {
        var length = 0
        var offset = 0
        while let byte = cursor.byte(offset), !",]}#\n\r".utf8.contains(byte) {
            offset += 1
            if byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t") { length = offset }
        }
        cursor.advance(length)
        return length > 0
    }

    // MARK: Strings

    /// Any of the four kinds of string, without its quotes; nil where it does not end.
    private mutating func string() -> String? {
        let quote = cursor.current
        let isBasic = quote == UInt8(ascii: "\"")
        if isBasic ? cursor.isAt("\"\"\"") : cursor.isAt("'''") {
            return longString(isBasic: isBasic)
        }
        let start = cursor
        cursor.advance()
        var text = ""
        while let byte = cursor.current, byte != UInt8(ascii: "\n") {
            if byte == quote {
                cursor.advance()
                return text
            }
            if isBasic && byte == UInt8(ascii: "\\") {
                text += escape(in: start)
            } else {
                text += cursor.take { $0 != quote && $0 != 0x0A && !(isBasic && $0 == 0x5C) }
            }
        }
        return nil
    }

    /// A string in triple quotes. Only its end matters: such a string is never a key.
    private mutating func longString(isBasic: Bool) -> String? {
        let start = cursor
        let quote: UInt8 = isBasic ? UInt8(ascii: "\"") : UInt8(ascii: "'")
        cursor.advance(3)
        while let byte = cursor.current {
            if isBasic && byte == UInt8(ascii: "\\") {
                _ = escape(in: start)
            } else if byte == quote && cursor.byte(1) == quote && cursor.byte(2) == quote {
                cursor.advance(3)
                // Up to two quotes may stand right before the closing three.
                for _ in 0..<2 where cursor.current == quote { cursor.advance() }
                return ""
            } else {
                cursor.advance()
            }
        }
        return nil
    }

    /// The character that a backslash and what follows stand for.
    private mutating func escape(in start: TextCursor) -> String {
        cursor.advance()
        let letter = cursor.current
        cursor.advance()
        let digits: Int
        switch letter {
        case UInt8(ascii: "u"): digits = 4
        case UInt8(ascii: "U"): digits = 8
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        default: return ""
        }
        var code: UInt32 = 0
        for _ in 0..<digits {
            guard let byte = cursor.current,
                let digit = UInt32(String(UnicodeScalar(byte)), radix: 16)
            else { return "" }
            code = code &* 16 &+ digit
            cursor.advance()
        }
        if code == 0 && firstNul == nil { firstNul = cursor.span(since: start) }
        return UnicodeScalar(code).map { String(Character($0)) } ?? ""
    }

    // MARK: Between tokens

    private mutating func skipSpace() {
        cursor.take { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    /// Spaces, ends of lines and comments.
    private mutating func skipBlank() {
        while let byte = cursor.current {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                cursor.advance()
            case UInt8(ascii: "#"):
                cursor.take { $0 != UInt8(ascii: "\n") }
            default:
                return
            }
        }
    }
}
