/// Names that begin as somebody has typed, for a list that must not grow with what is configured.
/// Pure.
public enum NameSample {
    /// Those of `names` that begin with `start`, in alphabetical order.
    ///
    /// Of more than `limit` they are so many, spread evenly, the first and the last among them: a
    /// shell completes what all have in common, and that is what these two have.
    ///
    /// - Parameter limit: 0 or more.
    public static func of(_ names: [String], beginning start: String, limit: Int) -> [String] {
        let found = names.filter { $0.hasPrefix(start) }.sorted()
        guard found.count > limit else { return found }
        guard limit > 1 else { return Array(found.prefix(limit)) }
        return (0..<limit).map { found[$0 * (found.count - 1) / (limit - 1)] }
    }
}
