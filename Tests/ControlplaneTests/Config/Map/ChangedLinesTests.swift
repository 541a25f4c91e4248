import Testing

@testable import controlplane

@Suite("The lines of a map that are others than before")
struct ChangedLinesTests {
    @Test(
        "from the first line that differs to the last",
        arguments: [
            ("a\nb\nc\n", "a\nB\nc\n", 2, "b\n", "B\n"),
            ("a\nb\nc\n", "a\nb\nc\nd\n", 4, "", "d\n"),
            ("a\nb\nc\n", "b\nc\n", 1, "a\n", ""),
            ("a\nb", "a\nb\n", 2, "b", "b\n"),
            ("a\nb", "a\nbc", 2, "b", "bc"),
            ("a\na\n", "a\na\na\n", 3, "", "a\n"),
            ("", "a", 1, "", "a"),
            ("ab\n", "b\n", 1, "ab\n", "b\n"),
            ("x\nab\n", "x\nb\n", 2, "ab\n", "b\n"),
            ("a\nb", "a\nb", 2, "", ""),
        ])
    func lines(_ old: String, _ new: String, _ first: Int, _ before: String, _ after: String) {
        let (left, right) = (Array(old.utf8), Array(new.utf8))
        let span = ChangedLines(from: left, to: right)
        #expect(span.isEmpty || span.first == first)
        #expect(String(decoding: left[span.before], as: UTF8.self) == before)
        #expect(String(decoding: right[span.after], as: UTF8.self) == after)
        #expect(span.linesBefore == before.split(separator: "\n").count)
        #expect(span.linesAfter == after.split(separator: "\n").count)
    }

    /// Files of a few lines, of which some are comments and some repeat a network.
    private static func file(_ generator: inout some RandomNumberGenerator) -> [String] {
        (0..<Int.random(in: 0...12, using: &generator)).map { _ in
            switch Int.random(in: 0...5, using: &generator) {
            case 0: "# comment"
            case 1: ""
            default:
                "10.1.\(Int.random(in: 0...9, using: &generator)).3 "
                    + "h\(Int.random(in: 0...3, using: &generator)) #!gw"
            }
        }
    }

    @Test("a file that is read again says what it says when it is read first")
    func again() throws {
        var generator = SystemRandomNumberGenerator()
        var known = HostsFile(settings: HostsFileTests.settings)
        var lines: [String] = []
        for _ in 0..<500 {
            let start = lines.isEmpty ? 0 : Int.random(in: 0..<lines.count, using: &generator)
            let end = Int.random(in: start...lines.count, using: &generator)
            lines.replaceSubrange(start..<end, with: Self.file(&generator).prefix(3))
            let text = lines.joined(separator: "\n") + (Bool.random() ? "\n" : "")
            var fresh = HostsFile(settings: HostsFileTests.settings)
            _ = try known.take(Array(text.utf8))
            _ = try fresh.take(Array(text.utf8))
            let (seen, wanted) = (Array(try known.entries()), Array(try fresh.entries()))
            #expect(seen == wanted, "\(text)")
        }
    }

    @Test("a broken line leaves what was read before")
    func broken() throws {
        var file = HostsFile(settings: HostsFileTests.settings)
        #expect(try file.take(Array("10.1.2.3 a #!gw\n10.1.3.3 b #!gw\n".utf8)))
        #expect(throws: ConfigErrors.self) {
            try file.take(Array("10.1.2.3 a #!gw\n10.1.3 b #!gw\n".utf8))
        }
        #expect(try file.entries().map(\.name) == ["a", "b"])
        #expect(try !file.take(Array("10.1.2.3 a #!gw\n10.1.3.3 b #!gw\n".utf8)))
    }

    @Test("gateways that nobody has any more are forgotten in the end")
    func litter() throws {
        var file = HostsFile(settings: HostsFileTests.settings)
        for number in 0..<300 {
            _ = try file.take(Array("10.1.2.3 a #!gw\(number)\n".utf8))
        }
        let entries = try file.entries()
        #expect(entries.gateways.count < 100 && entries.map(\.gateway.host) == ["gw299"])
    }
}
