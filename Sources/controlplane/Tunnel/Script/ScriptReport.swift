internal import FoundationEssentials

/// What our script has to say at the end of its `connect` call: that the file is there means that
/// the device is configured, or cannot be.
struct ScriptReport: Equatable, Sendable, Codable {
    /// Names in the client's environment, which its script inherits.
    static let pathVariable = "DVPN_REPORT"
    static let foreignVariable = "DVPN_SCRIPT"

    /// Of this format; both ends are of one build but for an upgrade under a running client.
    var version = 1
    let device: TunnelDevice
    /// Why the device could not be configured, as a sentence.
    var failure: String?

    /// Replaces the file in one step.
    func save(to path: String) throws(ProcessError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("strings and numbers always encode")
        }
        try AtomicFile.write(Array(data), to: path, mode: 0o600, durable: false)
    }

    /// nil for a file that is missing or of another version.
    static func load(from path: String) -> ScriptReport? {
        guard let bytes = try? AtomicFile.read(path),
            let report = try? JSONDecoder().decode(ScriptReport.self, from: Data(bytes)),
            report.version == 1
        else { return nil }
        return report
    }
}
