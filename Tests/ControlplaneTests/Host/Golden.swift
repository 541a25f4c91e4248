import FoundationEssentials
import Testing

/// Compares texts with files in `Golden/`; `DVPN_GOLDEN=write` writes the files instead.
enum Golden {
    static func expect(
        _ text: String, equals name: String, location: SourceLocation = #_sourceLocation
    ) throws {
        let path = "\(directory)/\(name)"
        if ProcessInfo.processInfo.environment["DVPN_GOLDEN"] == "write" {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let golden = try String(contentsOfFile: path, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let wanted = golden.split(separator: "\n", omittingEmptySubsequences: false)
        let difference = lines.difference(from: wanted)
        #expect(difference.isEmpty, "\(name)", sourceLocation: location)
    }

    private static var directory: String {
        String(#filePath.prefix { _ in true }.dropLast("Golden.swift".count)) + "Golden"
    }
}
