import Foundation
import Testing

@testable import dataplane

@Suite("The dataplane's manual")
struct ManualTests {
    @Test("has every option")
    func options() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let page = try String(contentsOfFile: "\(root)/man/dvpn-dataplane.8", encoding: .utf8)
        let options = "\(Options.help)".matches(of: /(?m)^ +-(-[a-z]+)/).map(\.1)
        #expect(options.count == 5)
        for option in options { #expect(page.contains(".It Fl \(option)"), "\(option)") }
    }
}
