import Foundation
import Testing

@testable import controlplane

/// What pages point at: other pages, their headings, and files of the project.
@Suite("Documentation")
struct DocumentationTests {
    private static let root =
        #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

    static let pages: [String] = {
        let docs = (try? FileManager.default.contentsOfDirectory(atPath: "\(root)/docs")) ?? []
        return [
            "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md",
            "Benchmarks/README.md",
        ] + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }()

    @Test("has links that lead somewhere", arguments: pages)
    func links(_ page: String) throws {
        for link in try text(page).matches(of: /\]\(([^)#\s]*)(?:#([^)]*))?\)/) {
            let path = String(link.1)
            guard !path.contains("://") else { continue }
            let folder = page.contains("/") ? String(page.prefix { $0 != "/" }) + "/" : ""
            let target = path.isEmpty ? page : folder + path
            #expect(exists(target), "\(page): \(link.0)")
            guard let heading = link.2, target.hasSuffix(".md") else { continue }
            #expect(try headings(target).contains(String(heading)), "\(page): \(link.0)")
        }
    }

    @Test("names files that are there", arguments: pages)
    func files(_ page: String) throws {
        let folders =
            /(?:^|[^\w\/.~-])((?:docs|man|Scripts|Sources|Tests|Benchmarks|systemd)\/[\w.\/-]+)/
        let text = try text(page)
        for found in text.matches(of: folders) {
            // A pattern stands for several.
            if text[found.range.upperBound...].first == "*" { continue }
            let path = found.1.last == "." ? found.1.dropLast() : found.1
            #expect(exists(String(path)), "\(page)")
        }
    }

    @Test("is found from the README")
    func index() throws {
        let readme = try text("README.md")
        for page in Self.pages where page.hasPrefix("docs/") {
            // How the two daemons talk is for who works on them: ARCHITECTURE names it.
            let isInner = page == "docs/protocol.md"
            let index = isInner ? try text("ARCHITECTURE.md") : readme
            #expect(index.contains(isInner ? page : "](\(page))"), "\(page)")
        }
    }

    @Test("names the oldest kernel once, as the code has it")
    func kernel() throws {
        let oldest = "\(KernelVersion.oldest.major).\(KernelVersion.oldest.minor)"
        for page in Self.pages where page != "CHANGELOG.md" {
            let named = try text(page)
                .matches(of: /(?:[Kk]ernel|Linux) (\d+\.\d+) or (?:newer|later)/).map {
                    String($0.1)
                }
            #expect(named == (page == "README.md" ? [oldest] : []), "\(page)")
        }
    }

    private func text(_ page: String) throws -> String {
        try #require(try ProcessFiles.text("\(Self.root)/\(page)"), "\(page)")
    }

    private func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(Self.root)/\(path)")
    }

    /// The names that headings have in links, as GitHub makes them.
    private func headings(_ page: String) throws -> Set<String> {
        let lines = try text(page).matches(of: /(?m)^#+ (.*)$/).map { $0.1.lowercased() }
        return Set(
            lines.map { line in
                line.filter { $0.isLetter || $0.isNumber || "-_ ".contains($0) }
                    .replacing(" ", with: "-")
            })
    }
}
