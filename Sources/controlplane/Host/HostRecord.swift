internal import FoundationEssentials

/// What dvpn changed on the host and must be able to take back: `host.json` in the runtime
/// directory.
///
/// Only what cannot be recognised on the host itself: devices, routes, rules and tables bear names
/// and numbers of ours, a changed setting does not. Written before the change it tells of.
struct HostRecord: Codable, Equatable, Sendable {
    /// Of this file's form.
    var version = 1

    /// In the order in which they were made.
    var settings: [SysctlChange] = []

    /// The nftables transaction that was applied last, and what nft then listed; nil: none yet.
    var tables: Tables?

    struct Tables: Codable, Equatable, Sendable {
        let script: String
        let listing: String
    }

    static let fileName = "host.json"

    /// The record in `directory`; an empty one where there is none, or none that can be understood:
    /// the runtime directory is new after a boot, and so are then the settings.
    static func load(_ directory: String) throws(HostError) -> HostRecord {
        let path = "\(directory)/\(fileName)"
        let content: [UInt8]?
        do {
            content = try AtomicFile.read(path)
        } catch {
            throw HostError(.file, "\(error)")
        }
        guard let content else { return HostRecord() }
        do {
            return try JSONDecoder().decode(HostRecord.self, from: Data(content))
        } catch {
            throw HostError(
                .file,
                "\(path) is damaged, so settings under /proc/sys/net that dvpn changed may "
                    + "stay changed. Look at it, remove it and start again.")
        }
    }

    /// Replaces the record in `directory`.
    func save(_ directory: String) throws(HostError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            let content = try encoder.encode(self) + Data("\n".utf8)
            try AtomicFile.write(
                Array(content), to: "\(directory)/\(HostRecord.fileName)", mode: 0o600,
                durable: false)
        } catch {
            throw HostError(.file, "\(error)")
        }
    }

    static func remove(_ directory: String) {
        AtomicFile.remove("\(directory)/\(fileName)")
    }
}
