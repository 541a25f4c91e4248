internal import FoundationEssentials

/// What is written down about a client, so that a later life of ours can take it over or end it,
/// and clean up after it, without its configuration.
struct ClientRecord: Equatable, Sendable, Codable {
    /// Of this format; a record of another version is not adopted.
    var version = 1
    /// The tunnel's full name.
    let tunnel: String
    let device: String
    /// The gateway, for the rest between two runs.
    let host: String?
    let restMs: Int64
    let graceMs: Int64
    let stopCommand: [String]
    /// What the stop command may want to know, `NAME=value` each.
    let environment: [String]
    /// Whether the device was not there before, and so must not be there afterwards.
    let makesDevice: Bool
    /// The client; nil before there is one.
    var process: ProcessRecord?
    /// It ended well and left its tunnel standing.
    var hasLeft = false
    var isReady = false

    /// Replaces the file in one step.
    func save(to path: String) throws(ProcessError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("strings and numbers always encode")
        }
        try AtomicFile.write(Array(data), to: path, mode: 0o600, durable: false)
    }

    /// nil for a file that is missing, damaged or of another version.
    static func load(from path: String) -> ClientRecord? {
        guard let bytes = try? AtomicFile.read(path),
            let record = try? JSONDecoder().decode(ClientRecord.self, from: Data(bytes)),
            record.version == 1
        else { return nil }
        return record
    }

    /// Every one that was ever written and not struck out, whatever has become of its process.
    static func all(runtime: String) -> [ClientRecord] {
        let directory = ClientPaths.directory(runtime)
        return ProcessFiles.names(in: directory).filter { $0.hasSuffix(".json") }
            .compactMap { load(from: "\(directory)/\($0)") }
    }
}
