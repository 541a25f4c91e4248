import Testing

@testable import controlplane

@Suite("DurationText")
struct DurationTextTests {
    @Test(
        "reads",
        arguments: [
            ("0s", 0), ("250ms", 250), ("90s", 90_000), ("5m", 300_000), ("1h30m", 5_400_000),
            ("1h1m1s1ms", 3_661_001), ("1m5ms", 60_005), ("007s", 7_000), ("48h", 172_800_000),
        ])
    func reads(_ text: String, _ milliseconds: Int) {
        #expect(DurationText.parse(text) == milliseconds)
    }

    @Test(
        "refuses",
        arguments: [
            "", "5", "s", "-5s", "+5s", "1.5s", " 5s", "5s ", "5 s", "5S", "1m1h", "1s1s", "5d",
            "5ss",
            "5sec", "٣s", "9223372036854775807s", "99999999999999999999ms", "never",
        ])
    func refuses(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "writes",
        arguments: [
            (0, "0s"), (1, "1ms"), (1_500, "1s500ms"), (90_000, "1m30s"), (3_600_000, "1h"),
            (86_400_000, "24h"),
        ])
    func writes(_ milliseconds: Int, _ text: String) {
        #expect(DurationText.format(milliseconds) == text)
        #expect(DurationText.parse(text) == milliseconds)
    }
}
