internal import FoundationEssentials

/// What is written down about a running master, so that a later life of ours can take it over or
/// end it. Lies beside nothing secret, in a directory that only we can write.
struct MasterRecord: Equatable, Sendable, Codable {
    /// Of this format; a record of another version is not adopted.
    var version = 1
    /// The tunnel's full name.
    let tunnel: String
    let id: UInt32
    let settings: SSHSettings
    /// The port of its forward; nil where that is a Unix socket.
    var port: UInt16?
    let process: ProcessRecord

    /// Replaces the file in one step.
    func save(to path: String) throws(ProcessError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("strings and numbers always encode")
        }
        try AtomicFile.write(Array(data), to: path, mode: 0o600, durable: false)
    }

    /// nil for a file that is missing, damaged or of another version.
    static func load(from path: String) -> MasterRecord? {
        guard let bytes = try? AtomicFile.read(path),
            let record = try? JSONDecoder().decode(MasterRecord.self, from: Data(bytes)),
            record.version == 1
        else { return nil }
        return record
    }

    /// Every one that was ever written and not struck out, whatever has become of its process.
    static func all(runtime: String) -> [MasterRecord] {
        let directory = SSHPaths.recordDirectory(runtime)
        return ProcessFiles.names(in: directory).filter { $0.hasSuffix(".json") }
            .compactMap { load(from: "\(directory)/\($0)") }
    }
}
