import Testing

@testable import controlplane

@Suite("KeyLocator")
struct KeyLocatorTests {
    /// A text, and for some of its paths where the key and the value are: `line:column+width`.
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
        let places: [(path: String, key: String, value: String)]
    }

    static let cases = [
        Case(
            testDescription: "plain keys and comments",
            text: "# first\na = 1 # one\n\tbc= \"x y\"\n",
            places: [("a", "2:1+1", "2:5+1"), ("bc", "3:2+2", "3:6+5")]),
        Case(
            testDescription: "strings with what looks like syntax",
            text:
                "a = \"# ] = \\\" \"\nb = '\\'\nc = \"\"\"x\n[y]\n\"\"\"\"\nd = '''\n''' # z\ne = 1",
            places: [
                ("a", "1:1+1", "1:5+11"), ("b", "2:1+1", "2:5+3"), ("c", "3:1+1", "3:5+4"),
                ("d", "6:1+1", "6:5+3"), ("e", "8:1+1", "8:5+1"),
            ]),
        Case(
            testDescription: "arrays over several lines",
            text: "a = [ # [\n  \"x\", # ,\n\n  [1, 2],\n]\nb = []\n",
            places: [
                ("a", "1:1+1", "1:5+5"), ("a[0]", "2:3+3", "2:3+3"), ("a[1]", "4:3+6", "4:3+6"),
                ("a[1][1]", "4:7+1", "4:7+1"), ("b", "6:1+1", "6:5+2"),
            ]),
        Case(
            testDescription: "inline tables",
            text: "a = { b = 1, c.d = [ { e = 2 } ] }\n",
            places: [
                ("a.b", "1:7+1", "1:11+1"), ("a.c.d", "1:16+1", "1:20+13"),
                ("a.c.d[0].e", "1:24+1", "1:28+1"),
            ]),
        Case(
            testDescription: "tables and dotted headers",
            text: "[ a . b ]\nc = 1\n[a]\nd.e = 2\n",
            places: [
                ("a", "1:3+1", "1:3+1"), ("a.b", "1:7+1", "1:7+1"), ("a.b.c", "2:1+1", "2:5+1"),
                ("a.d.e", "4:3+1", "4:7+1"),
            ]),
        Case(
            testDescription: "arrays of tables and what is in them",
            text:
                "[[n]]\na = 1\n[n.s]\np = 2\n[[n]]\na = 3\n  [[n.t]]\n  q = 4\n  [[n.t]]\n  q = 5\n",
            places: [
                ("n[0]", "1:3+1", "1:3+1"), ("n[0].a", "2:1+1", "2:5+1"),
                ("n[0].s.p", "4:1+1", "4:5+1"), ("n[1].a", "6:1+1", "6:5+1"),
                ("n[1].t[1].q", "10:3+1", "10:7+1"),
            ]),
        Case(
            testDescription: "quoted keys",
            text: "\"a b\" = 1\n'c\"d'.e = 2\n\"\\u0066\\t\" = 3\n",
            places: [
                ("a b", "1:1+5", "1:9+1"), ("c\"d.e", "2:7+1", "2:11+1"),
                ("f\t", "3:1+10", "3:14+1"),
            ]),
        Case(
            testDescription: "columns are scalars, whatever their bytes",
            text: "a = [\"äö€𝄞\", 1]\r\nb = 2\r\n",
            places: [
                ("a[0]", "1:6+6", "1:6+6"), ("a[1]", "1:14+1", "1:14+1"), ("b", "2:1+1", "2:5+1"),
            ]),
        Case(
            testDescription: "numbers, dates with a space, booleans",
            text: "a = 1979-05-27 07:32:00 # x\nb = -1_000.5e+3 \nc = [true, inf]\n",
            places: [
                ("a", "1:1+1", "1:5+19"), ("b", "2:1+1", "2:5+11"), ("c[1]", "3:12+3", "3:12+3"),
            ]),
        Case(
            testDescription: "what is nowhere has the place of what is around it",
            text: "\n[a]\nb = 1\n",
            places: [
                ("a.x", "2:2+1", "2:2+1"), ("a.b.c", "3:1+1", "3:5+1"), ("z", "1:1+1", "1:1+1"),
            ]),
    ]

    @Test("finds keys and values", arguments: cases)
    func places(_ example: Case) {
        let locator = KeyLocator(example.text)
        for (text, key, value) in example.places {
            let path = Self.path(text)
            #expect(Self.show(locator.key(path)) == key, "key of \(text)")
            #expect(Self.show(locator.value(path)) == value, "value of \(text)")
        }
    }

    @Test("any beginning of a good text, and any byte in it, is survived")
    func mutations() {
        let text = Self.cases.map(\.text).joined()
        let bytes = Array(text.utf8)
        for length in 0..<bytes.count {
            _ = KeyLocator(String(decoding: bytes[..<length], as: UTF8.self))
            for byte in "[]{}\"'\\=.,#\n".utf8 {
                var changed = bytes
                changed[length] = byte
                _ = KeyLocator(String(decoding: changed, as: UTF8.self))
            }
        }
    }

    @Test("nesting is bounded")
    func depth() {
        let text = "a = " + String(repeating: "[", count: 100_000)
        #expect(KeyLocator(text).values.isEmpty)
        #expect(KeyLocator("b = 1\n" + text).values.count == 1)
    }

    @Test(
        "an escaped NUL is found in values and keys",
        arguments: [
            "a = \"\\u0000\"", "\"x\\U00000000\" = 1", "a = \"\"\"\n\\u0000\"\"\"",
        ])
    func nul(_ text: String) {
        #expect(KeyLocator(text).firstNul != nil)
        #expect(KeyLocator(text.replacing("0", with: "1")).firstNul == nil)
    }

    private static func show(_ span: SourceSpan) -> String {
        "\(span.line):\(span.column)+\(span.width)"
    }

    /// The opposite of `ConfigPath.description`.
    private static func path(_ text: String) -> ConfigPath {
        var path = ConfigPath.top
        for part in text.split(separator: ".") {
            let pieces = part.split(separator: "[")
            path = path.appending(String(pieces[0]))
            for index in pieces.dropFirst() {
                path = path.appending(Int(index.dropLast()) ?? -1)
            }
        }
        return path
    }
}
