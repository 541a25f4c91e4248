import Testing

@testable import dvpnctl

@Suite("Verbs that are mistyped")
struct VerbSpellingTests {
    @Test(
        "the verb that was meant, at each place where one stands",
        arguments: [
            ("stauts", "status"), ("Status", "status"), ("dwon home", "down"),
            ("stauts --json", "status"), ("--runtime-dir /run/x netwroks", "networks"),
            ("--runtime-dir=/run/x netwroks", "networks"), ("gateway setpu --key k", "setup"),
            ("gatway setup", "gateway"), ("help stauts", "status"), ("hlep", "help"),
        ])
    func meant(_ line: String, _ verb: String) {
        let words = line.split(separator: " ").map(String.init)
        #expect(VerbSpelling.complaint(words)?.hasSuffix(": did you mean '\(verb)'?") == true)
    }

    @Test(
        "nothing is said of verbs that there are, of what is behind them, of what is near to none",
        arguments: [
            "", "status", "up hoem", "explain stauts", "--version", "--runtime-dir status",
            "frobnicate", "-- stauts", "gateway check home", "---completion up -- name 1 0 sta",
        ])
    func nothing(_ line: String) {
        #expect(VerbSpelling.complaint(line.split(separator: " ").map(String.init)) == nil)
    }
}
