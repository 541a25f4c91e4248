import Foundation
import Testing

@testable import controlplane

@Suite struct FindingCodeTests {
    @Test func `the guide has a table with every code, and no other`() throws {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let guide = try String(contentsOfFile: "/\(root)/docs/troubleshooting.md", encoding: .utf8)
        let section = try #require(guide.components(separatedBy: "\n## All codes\n").last)
        let rows = section.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let listed = rows.flatMap { row in
            row.split(separator: "|")[0].matches(of: /`([a-z0-9-]+)`/).map { String($0.1) }
        }
        #expect(Set(listed).symmetricDifference(FindingCode.all).sorted() == [])
        #expect(listed.count == Set(listed).count, "each once")
    }

    @Test func `no two findings share a code`() {
        #expect(Set(FindingCode.all).count == FindingCode.all.count)
    }

    @Test func `every finding of the host and of names says what to do`() {
        for code in HostFinding.Code.allCases {
            #expect(!HostFinding(code: code, message: "m").fix.isEmpty)
        }
        for code in NameFinding.Code.allCases {
            #expect(!NameFinding(code: code, message: "m").fix.isEmpty)
        }
    }
}
