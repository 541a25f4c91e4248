/// Columns that line up: the last one is not padded, so that no line ends in spaces.
enum Table {
    private static let gap = 2

    /// A word and the spaces after it, at least one.
    static func pad(_ word: String, _ width: Int) -> String {
        word + String(repeating: " ", count: max(1, width - word.count))
    }

    /// Rows with as many cells as the header. Numbers are aligned to the right where asked for.
    static func format(
        _ header: [String], _ rows: [[String]], rightAligned: Set<Int> = []
    ) -> String {
        let lines = [header] + rows
        let widths = header.indices.map { column in
            lines.map { $0[column].count }.max() ?? 0
        }
        return lines.map { cells in
            var line = ""
            for (column, cell) in cells.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                let isLast = column == cells.count - 1
                let space = isLast ? "" : String(repeating: " ", count: gap)
                line +=
                    rightAligned.contains(column)
                    ? padding + cell + space : cell + (isLast ? "" : padding + space)
            }
            return line + "\n"
        }.joined()
    }
}
