/// Tells where in a TOML text each key and each value stands.
///
/// The TOML library gives positions for syntax errors only, but a wrong value needs its line just as
/// much. It is asked after the library has accepted the text; any other text is safe too, it merely
/// is located up to the first thing that is not TOML.
struct KeyLocator: Sendable {
    /// The key's own token: the last part of a dotted key or of a table header.
    let keys: [ConfigPath: SourceSpan]

    /// The value's token; tables made by a header have none.
    let values: [ConfigPath: SourceSpan]

    /// The first string with an escaped NUL, which a C library would silently cut short.
    let firstNul: SourceSpan?

    init(_ text: String) {
        var scanner = TOMLScanner(text)
        scanner.scan()
        keys = scanner.keys
        values = scanner.values
        firstNul = scanner.firstNul
    }

    /// Where the key of `path` stands, or the nearest thing around it that has a place.
    func key(_ path: ConfigPath) -> SourceSpan {
        nearest(path) { keys[$0] ?? values[$0] }
    }

    /// Where the value of `path` stands, or its key, or the nearest thing around it.
    func value(_ path: ConfigPath) -> SourceSpan {
        nearest(path) { values[$0] ?? keys[$0] }
    }

    private func nearest(_ path: ConfigPath, _ span: (ConfigPath) -> SourceSpan?) -> SourceSpan {
        var candidate: ConfigPath? = path
        while let current = candidate {
            if let found = span(current) { return found }
            candidate = current.parent
        }
        return SourceSpan(line: 1, column: 1, width: 1)
    }
}
