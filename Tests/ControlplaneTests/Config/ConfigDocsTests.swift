import Testing

@testable import controlplane

@Suite("Documentation of the configuration")
struct ConfigDocsTests {
    private static let root =
        #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

    @Test("has every key of every table")
    func keys() throws {
        let text = try document("docs/configuration.md")
        for schema in ConfigSchema.allCases {
            for key in schema.keys where !text.contains("`\(key)`") {
                // Tables are headers; where a secret is stands in an inline table.
                #expect(
                    text.contains("[network.\(key)]") || text.contains("[\(key)]")
                        || text.contains("[[\(key)]]") || text.contains("{ \(key) ="),
                    "\(key) \(schema.title) is not documented")
            }
        }
    }

    @Test(
        "shows examples that work", arguments: ["docs/configuration.md", "README.md"])
    func examples(_ file: String) throws {
        let blocks = try document(file).components(between: "```toml\n", and: "```")
        #expect(!blocks.isEmpty)
        for block in blocks {
            // A part of a network stands for itself.
            let text =
                block.hasPrefix("[network.")
                ? WrongFile.vpnc().replacing("[network.vpnc]", with: "\(block)\n[network.vpnc]")
                : block
            do throws(ConfigErrors) {
                _ = try ConfigParser.parse([ConfigText(file: file, text: text)])
            } catch {
                Issue.record("\(error.report)")
            }
        }
    }

    private func document(_ name: String) throws -> String {
        try #require(try ProcessFiles.text("\(Self.root)/\(name)"))
    }
}

extension String {
    /// Every text that stands between `start` and the next `end`.
    fileprivate func components(between start: String, and end: String) -> [String] {
        split(separator: start).dropFirst().compactMap { part in
            part.split(separator: end, omittingEmptySubsequences: false).first.map(String.init)
        }
    }
}
