import Foundation
import Reports
import Testing

/// What dvpnctl says itself: docs/api.md promises its keys, `GET /v1/openapi.json` has none of it.
@Suite("Reports of dvpnctl's own")
struct OwnReportTests {
    private struct Sample: Sendable {
        let verb: String
        let report: any Encodable & Sendable
    }

    /// Everything optional is there, and a part of each list.
    private static let samples: [Sample] = {
        let remark = CheckReport.Remark(place: "p", text: "t", fix: "f")
        let key = GatewayPinReport.Key(kind: "k", fingerprint: "f")
        return [
            Sample(
                verb: "check",
                report: CheckReport(
                    networks: ["a"], mistakes: [remark], warnings: [remark], notices: [remark])),
            Sample(verb: "cleanup", report: CleanupReport(log: ["l"])),
            Sample(verb: "wait", report: WaitReport(ready: false, waitedMs: 1, reason: "r")),
            Sample(
                verb: "firewall", report: FirewallReport(table: "t", done: "show", rules: "r")),
            Sample(verb: "completion", report: CompletionReport(shell: "zsh", script: "s")),
            Sample(
                verb: "gateway keygen",
                report: GatewayKeyReport(file: "f", owner: "o", publicKey: "k", made: true)),
            Sample(
                verb: "gateway pin",
                report: GatewayPinReport(
                    gateway: "g", file: "f", result: .recorded, shown: [key], recorded: [key])),
            Sample(
                verb: "gateway setup",
                report: GatewaySetupReport(
                    host: "h", user: "u", farEnd: "forward", script: "s", difference: "d")),
            Sample(
                verb: "gateway check",
                report: GatewayCheckReport(
                    gateway: "g", prefixes: ["p"], farEnd: "netcat", closed: false,
                    findings: [.init(grade: .open, text: "t")])),
        ]
    }()

    @Test("have the keys that docs/api.md promises, and no others")
    func keys() throws {
        let rows = try Self.rows()
        for sample in Self.samples {
            let object = try #require(
                try JSONSerialization.jsonObject(with: ReportCoding.encode(sample.report))
                    as? [String: Any])
            #expect(object["schema"] as? Int == 1, "\(sample.verb)")
            let row = try #require(rows[sample.verb], "\(sample.verb)")
            let keys = Set(object.keys).subtracting(["schema"])
            for key in keys { #expect(row.contains("`\(key)`"), "\(sample.verb): \(key)") }
            for inner in keys.compactMap({ (object[$0] as? [[String: Any]])?.first }) {
                for key in inner.keys {
                    #expect(row.contains("\"\(key)\""), "\(sample.verb): \(key)")
                }
            }
            // Words in backticks are keys, values of keys, or options.
            let values = Set(
                ["FILE:LINE:COLUMN", "show", "apply", "remove", "bash", "zsh", "fish", "forward"]
                    + ["netcat", "--diff", "--apply"]
                    + GatewayPinReport.Result.allCases.map(\.rawValue)
                    + GatewayCheckReport.Grade.allCases.map(\.rawValue))
            let words = row.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
            for word in words where !word.hasPrefix("{") {
                #expect(keys.contains(word) || values.contains(word), "\(sample.verb): \(word)")
            }
        }
    }

    /// The table's second column, by verb.
    private static func rows() throws -> [String: Substring] {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let page = try String(contentsOfFile: "\(root)/docs/api.md", encoding: .utf8)
        let table = try #require(page.split(separator: "## `dvpnctl --json`").last)
        return Dictionary(
            table.matches(of: /(?m)^\| `([a-z ]+)` \| (.*) \|$/).map { (String($0.1), $0.2) },
            uniquingKeysWith: { first, _ in first })
    }
}
