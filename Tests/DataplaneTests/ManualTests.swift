import Foundation
import Testing

@testable import dataplane

@Suite("The dataplane's manual")
struct ManualTests {
    @Test("has every option of --help, and no other")
    func options() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let page = try String(contentsOfFile: "\(root)/man/dvpn-dataplane.8", encoding: .utf8)
        let options = "\(Options.help)".matches(of: /(?m)^ +-(-[a-z]+)/).map { String($0.1) }
        #expect(options.count == 5)
        let told = page.matches(of: /(?m)^\.It Fl (-[a-z]+)/).map { String($0.1) }
        #expect(told.sorted() == options.sorted())
        let lines = page.split(separator: "\n").filter { $0.hasPrefix(".") && $0.contains("Fl ") }
        let named = lines.flatMap { $0.matches(of: /Fl (-[a-z]+)/).map { String($0.1) } }
        #expect(Set(named) == Set(options))
    }
}
