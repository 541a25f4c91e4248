import Foundation
import Testing

/// Compares texts with files in `Tests/Golden/`; `DVPN_GOLDEN=write` writes the files instead.
enum GatewayGolden {
    static func expect(
        _ text: String, equals name: String, location: SourceLocation = #_sourceLocation
    ) throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let path = "\(root)/Golden/\(name)"
        if ProcessInfo.processInfo.environment["DVPN_GOLDEN"] == "write" {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let golden = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let wanted = golden.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.difference(from: wanted).isEmpty, "\(name)", sourceLocation: location)
    }
}
