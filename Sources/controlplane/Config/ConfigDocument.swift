internal import TOMLKit

/// One file, read as TOML: its values, and where each stands. The only use of the TOML library.
///
/// The library never frees what it parsed (its tables have no deinit): each reading keeps about
/// 1.4 KB for a network, which is 90 MB for 65,536 of them.
struct ConfigDocument: Sendable {
    let file: String
    let root: [String: ConfigValue]

    private let locator: KeyLocator
    private let lines: [String]

    /// Reads the text. A syntax error ends the reading: TOML gives no way to go on behind one.
    init(_ source: ConfigText) throws(ConfigErrors) {
        file = source.file
        // "\r\n" is one Character: split on scalars, then drop the carriage return.
        lines = source.text.unicodeScalars
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0.last == "\r" ? $0.dropLast() : $0) }
        locator = KeyLocator(source.text)
        if let line = lines.firstIndex(where: { $0.unicodeScalars.contains("\0") }) {
            let position = SourcePosition(file: source.file, line: line + 1, column: 1)
            throw ConfigErrors([ConfigError(position: position, message: "NUL byte in this line")])
        }
        do {
            root = try Self.table(TOMLTable(string: source.text))
        } catch {
            throw ConfigErrors([Self.syntaxError(error, file: source.file, lines: lines)])
        }
        if let span = locator.firstNul {
            let error = complaint(at: span, key: "", "this string has a NUL character in it", nil)
            throw ConfigErrors([error])
        }
    }

    /// A complaint about the value of `path`, or about its key. Without the line where a secret may
    /// stand in it.
    func error(
        at path: ConfigPath, onKey: Bool = false, isSecret: Bool = false, _ message: String,
        hint: String? = nil
    ) -> ConfigError {
        let span = onKey ? locator.key(path) : locator.value(path)
        return complaint(at: span, key: path.description, isSecret: isSecret, message, hint)
    }

    /// Where the value of `path` stands.
    func position(_ path: ConfigPath) -> SourcePosition {
        let span = locator.value(path)
        return SourcePosition(file: file, line: span.line, column: span.column)
    }

    private func complaint(
        at span: SourceSpan, key: String, isSecret: Bool = false, _ message: String, _ hint: String?
    ) -> ConfigError {
        ConfigError(
            position: SourcePosition(file: file, line: span.line, column: span.column),
            key: key, message: message, hint: hint,
            excerpt: isSecret ? "" : Self.excerpt(lines, span.line), width: span.width)
    }

    private static func excerpt(_ lines: [String], _ line: Int) -> String {
        lines.indices.contains(line - 1) ? lines[line - 1] : ""
    }

    // MARK: From the library's types

    private static func syntaxError(
        _ error: any Error, file: String, lines: [String]
    ) -> ConfigError {
        guard let error = error as? TOMLParseError else {
            return ConfigError(position: .whole(file), message: "not TOML: \(error)")
        }
        let place = error.source.begin
        // The library begins with what the word "error" in front has said already.
        let reason = error.description.replacing("Error while ", with: "while ", maxReplacements: 1)
        return ConfigError(
            position: SourcePosition(file: file, line: place.line, column: place.column),
            message: "not TOML: \(reason)", excerpt: excerpt(lines, place.line))
    }

    private static func table(_ table: TOMLTable) -> [String: ConfigValue] {
        var values: [String: ConfigValue] = [:]
        for key in table.keys {
            if let found = table[key] { values[key] = value(found) }
        }
        return values
    }

    private static func value(_ found: some TOMLValueConvertible) -> ConfigValue {
        switch found.type {
        case .string: .string(found.string ?? "")
        case .int: .integer(found.int ?? 0)
        case .double: .float(found.double ?? 0)
        case .bool: .boolean(found.bool ?? false)
        case .date, .time, .dateTime: .date
        case .array: .array(found.array.map { $0.map { value($0) } } ?? [])
        case .table: .table(found.table.map { table($0) } ?? [:])
        }
    }
}
