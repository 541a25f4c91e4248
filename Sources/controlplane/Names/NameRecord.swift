internal import FoundationEssentials
internal import Synchronization

/// What was changed outside of the runtime directory for the sake of names, so that it can be taken
/// back by a later life, with another configuration or none.
struct NameRecord: Equatable, Sendable, Codable {
    /// A file for the system's dnsmasq.
    struct DropIn: Equatable, Sendable, Codable {
        let path: String
        let restart: [String]
    }

    /// Servers given to the system's dnsmasq over D-Bus.
    struct Servers: Equatable, Sendable, Codable {
        let bus: String?
    }

    /// systemd-resolved's settings of a device.
    struct Link: Equatable, Sendable, Codable {
        let bus: String?
        let device: String
    }

    /// Of this format; a record of another version is not believed.
    var version = 1
    var dropIn: DropIn?
    var servers: Servers?
    var link: Link?
    /// `busctl monitor`.
    var monitor: ProcessRecord?

    /// Several tasks write; each changes its own part.
    private static let writing = Mutex<Void>(())

    /// An empty record for a file that is missing, damaged or of another version.
    static func load(_ paths: NamePaths) -> NameRecord {
        guard let bytes = try? AtomicFile.read(paths.record),
            let record = try? JSONDecoder().decode(NameRecord.self, from: Data(bytes)),
            record.version == 1
        else { return NameRecord() }
        return record
    }

    /// Changes the file.
    static func update(
        _ paths: NamePaths, _ change: (inout NameRecord) -> Void
    ) throws(ProcessError) {
        try writing.withLock { _ throws(ProcessError) in
            var record = load(paths)
            let before = record
            change(&record)
            guard record != before else { return }
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            guard let data = try? encoder.encode(record) else {
                preconditionFailure("strings and numbers always encode")
            }
            try AtomicFile.write(Array(data), to: paths.record, mode: 0o600, durable: false)
        }
    }
}
