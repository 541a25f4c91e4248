import Foundation
import Testing

@testable import controlplane

/// An example of a configuration on a page of the documentation.
struct DocumentedExample: CustomTestStringConvertible, Sendable {
    let page: String

    /// The line of the page before the example's first one, from 1.
    let line: Int
    let text: String

    var testDescription: String { "\(page):\(line)" }

    private static let root =
        #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

    /// Those of README, docs and manual: whatever is marked as TOML, and what is marked as nothing and
    /// begins a table.
    static let all: [DocumentedExample] = {
        ["README.md"] + files("docs", ".md") + files("man", "")
    }().flatMap { page in of(page) }

    static func of(_ page: String) -> [DocumentedExample] {
        guard let text = try? ProcessFiles.text("\(root)/\(page)") else { return [] }
        let isManual = page.hasPrefix("man/")
        let (start, end) = isManual ? (".Bd -literal", ".Ed") : ("```", "```")
        var examples: [DocumentedExample] = []
        var open: (line: Int, header: Substring, lines: [String])?
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            if let block = open, line == end {
                let isMarked = block.header == "```toml"
                let isPlain = isManual || block.header == "```"
                if isMarked || isPlain && block.lines.contains(where: isTable) {
                    let text = block.lines.joined(separator: "\n")
                    examples.append(DocumentedExample(page: page, line: block.line, text: text))
                }
                open = nil
            } else if open != nil {
                open?.lines.append(isManual ? unescaped(line) : String(line))
            } else if line.hasPrefix(start) {
                open = (number + 1, line, [])
            }
        }
        return examples
    }

    /// `[table]` or `[[table]]`. Units of systemd have capitals.
    private static func isTable(_ line: String) -> Bool {
        line.wholeMatch(of: /\[\[?[a-z.]+\]\]?/) != nil
    }

    /// What mdoc(7) shows of a literal line.
    private static func unescaped(_ line: Substring) -> String {
        String(line).replacing(#"\&"#, with: "").replacing(#"\e"#, with: #"\"#)
    }

    private static func files(_ folder: String, _ suffix: String) -> [String] {
        let names =
            (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")) ?? []
        return names.filter { $0.hasSuffix(suffix) }.sorted().map { "\(folder)/\($0)" }
    }
}
