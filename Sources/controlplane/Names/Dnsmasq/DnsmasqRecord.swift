internal import FoundationEssentials

/// A dnsmasq of ours that runs, and with which configuration: for a later life of ours.
struct DnsmasqRecord: Equatable, Sendable, Codable {
    var version = 1
    let configuration: String
    let process: ProcessRecord

    func save(to path: String) throws(ProcessError) {
        guard let data = try? JSONEncoder().encode(self) else {
            preconditionFailure("strings and numbers always encode")
        }
        try AtomicFile.write(Array(data), to: path, mode: 0o600, durable: false)
    }

    /// nil for a file that is missing, damaged or of another version.
    static func load(from path: String) -> DnsmasqRecord? {
        guard let bytes = try? AtomicFile.read(path, bytesMax: 64 << 20),
            let record = try? JSONDecoder().decode(DnsmasqRecord.self, from: Data(bytes)),
            record.version == 1
        else { return nil }
        return record
    }
}
