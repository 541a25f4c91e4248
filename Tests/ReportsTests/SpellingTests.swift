import Testing

@testable import Reports

@Suite("Spelling")
struct SpellingTests {
    @Test(
        "counts slips",
        arguments: [
            ("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("abc", "abd", 1),
            ("abc", "acb", 1), ("abcd", "badc", 2), ("prefxes", "prefixes", 1), ("via", "vai", 1),
        ])
    func slips(_ left: String, _ right: String, _ count: Int) {
        #expect(Spelling.distance(left, right) == count)
        #expect(Spelling.distance(right, left) == count)
    }

    @Test("suggests what is near, and nothing for what is not")
    func nearest() {
        let keys = ["name", "prefixes", "via", "gateway", "idle", "hold"]
        #expect(Spelling.nearest(to: "vai", in: keys) == "via")
        #expect(Spelling.nearest(to: "PREFIX", in: keys) == "prefixes")
        #expect(Spelling.nearest(to: "getaway", in: keys) == "gateway")
        #expect(Spelling.nearest(to: "bandwidth", in: keys) == nil)
        #expect(Spelling.nearest(to: "", in: keys) == nil)
        #expect(Spelling.nearest(to: "x", in: []) == nil)
    }
}
