/// A place in a configuration file: what every complaint and every network carries.
///
/// Lines and columns count from 1, columns in Unicode scalars. Line 0 is the file as a whole.
struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
    let file: String
    let line: Int
    let column: Int

    /// The form that editors and compilers share: `file:line:column`.
    var description: String {
        line == 0 ? file : "\(file):\(line):\(column)"
    }

    /// The file as a whole, for what has no line: a file that cannot be read, for one.
    static func whole(_ file: String) -> SourcePosition {
        SourcePosition(file: file, line: 0, column: 0)
    }
}

extension SourcePosition: Comparable {
    /// By file name, then line, then column.
    static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.file, left.line, left.column) < (right.file, right.line, right.column)
    }
}
