/// The text of one configuration file and the name under which it is spoken of.
struct ConfigText: Equatable, Sendable {
    let file: String
    let text: String

    init(file: String, text: String) {
        self.file = file
        self.text = text
    }

    /// Text from the bytes of a file, which must be UTF-8 as TOML demands.
    init(file: String, bytes: [UInt8]) throws(ConfigErrors) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigErrors([Self.encodingError(file: file, bytes: bytes)])
        }
        self.init(file: file, text: text)
    }

    /// Points at the first line with a byte that is not UTF-8.
    static func encodingError(file: String, bytes: [UInt8]) -> ConfigError {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let wrong = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        return ConfigError(
            position: SourcePosition(file: file, line: wrong + 1, column: 1),
            message: "this line is not UTF-8", hint: "save the file with the encoding UTF-8")
    }
}
