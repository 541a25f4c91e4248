/// Finds the word that was probably meant: a key of the configuration, or a verb of `dvpnctl`. Pure.
public enum Spelling {
    /// The candidate nearest to `word`, if it is near enough to be worth suggesting.
    ///
    /// Case and the choice between `-` and `_` do not count. One slip is allowed in each three
    /// letters: more would suggest words that have nothing to do with it.
    public static func nearest(to word: String, in candidates: [String]) -> String? {
        let wanted = fold(word)
        let ranked = candidates.map { (name: $0, slips: distance(wanted, fold($0))) }
        guard let best = ranked.min(by: { ($0.slips, $0.name) < ($1.slips, $1.name) }) else {
            return nil
        }
        return best.slips <= max(1, best.name.count / 3) ? best.name : nil
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other
    /// (Damerau and Levenshtein, no letter touched twice). Words are cut at 64 letters: O(64 x 64).
    static func distance(_ left: String, _ right: String) -> Int {
        let source = Array(left.unicodeScalars.prefix(64))
        let target = Array(right.unicodeScalars.prefix(64))
        var beforeLast: [Int] = []
        var last = Array(0...target.count)
        for row in 0..<source.count {
            var next = [row + 1]
            for column in 0..<target.count {
                let isSame = source[row] == target[column]
                var best = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1)
                best = min(best, next[column] + 1)
                if row > 0 && column > 0 && source[row] == target[column - 1]
                    && source[row - 1] == target[column]
                {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                next.append(best)
            }
            beforeLast = last
            last = next
        }
        return last[target.count]
    }

    private static func fold(_ word: String) -> String {
        String(word.lowercased().map { $0 == "_" ? "-" : $0 })
    }
}
