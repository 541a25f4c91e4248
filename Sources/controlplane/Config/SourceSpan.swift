/// A stretch of one line: where a token begins and how much of the line it takes.
///
/// Counted like `SourcePosition`. A value of several lines has the width of its part in the first.
struct SourceSpan: Hashable, Sendable {
    let line: Int
    let column: Int
    let width: Int
}
