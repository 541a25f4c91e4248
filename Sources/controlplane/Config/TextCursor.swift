/// Reads a UTF-8 text byte by byte and knows its line and column.
struct TextCursor {
    private let bytes: [UInt8]
    private var index: Int
    private(set) var line = 1
    private(set) var column = 1

    init(_ text: String) {
        bytes = Array(text.utf8)
        // A byte order mark is not a column that a person sees.
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The byte here; nil at the end.
    var current: UInt8? { byte(0) }

    /// The byte `offset` after this one; nil behind the end.
    func byte(_ offset: Int) -> UInt8? {
        let place = index + offset
        return place < bytes.count ? bytes[place] : nil
    }

    /// True where the text goes on with `token`.
    func isAt(_ token: String) -> Bool {
        token.utf8.enumerated().allSatisfy { byte($0.offset) == $0.element }
    }

    mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where index < bytes.count {
            let passed = bytes[index]
            index += 1
            if passed == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if index >= bytes.count || bytes[index] & 0xC0 != 0x80 {
                // The next byte begins a scalar (or nothing): this one was the last of its own.
                column += 1
            }
        }
    }

    /// Goes on while the byte satisfies `condition`, and gives the text that was passed.
    @discardableResult
    mutating func take(while condition: (UInt8) -> Bool) -> String {
        let start = index
        while let byte = current, condition(byte) { advance() }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    /// What lies between an earlier cursor on the same text and this one.
    func span(since start: TextCursor) -> SourceSpan {
        let passed = bytes[start.index..<index].prefix { $0 != UInt8(ascii: "\n") }
        let scalars = passed.count { $0 & 0xC0 != 0x80 && $0 != UInt8(ascii: "\r") }
        return SourceSpan(line: start.line, column: start.column, width: max(scalars, 1))
    }
}
