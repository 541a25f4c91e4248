import Reports
import Testing

@Suite("Names that begin alike")
struct NameSampleTests {
    private static let names =
        (0..<500).map { "site-\($0)" } + ["store-1", "home", "si", "work"]

    @Test(
        "are those, by name, where there are few",
        arguments: [
            ("", 4, ["a", "ab", "b", "c"]), ("a", 4, ["a", "ab"]), ("ab", 1, ["ab"]), ("x", 4, []),
            ("", 1, ["a"]), ("", 0, []), ("", 2, ["a", "c"]),
        ])
    func few(_ start: String, _ limit: Int, _ expected: [String]) {
        #expect(NameSample.of(["b", "a", "c", "ab"], beginning: start, limit: limit) == expected)
    }

    @Test("have in common what all of them have, however few are named")
    func many() {
        for limit in [2, 3, 7, 256] {
            let sample = NameSample.of(Self.names, beginning: "s", limit: limit)
            #expect(sample.count == limit && Set(sample).count == limit)
            #expect(sample.first == "si" && sample.last == "store-1")
        }
        #expect(NameSample.of(Self.names, beginning: "site-49", limit: 256).count == 11)
        let most = NameSample.of(Self.names, beginning: "", limit: .max)
        #expect(most.count == Self.names.count)
    }
}
