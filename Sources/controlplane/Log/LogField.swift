internal import Logging

/// What a log record tells beside its sentence, for programs. In the journal the name is written in
/// capitals behind `DVPN_`; standard error shows the sentence alone.
enum LogField: String, CaseIterable, Hashable, Sendable {
    /// The networks that it is about, by name.
    case network
    /// The tunnel's name, which networks with equal settings share.
    case tunnel
    /// A network's state, and the one before.
    case state
    case stateBefore = "state_before"
    /// What brought it about: the packet that dialled, the failure, the operator.
    case cause
    /// A connection's ends: `address:port`.
    case source, destination
    /// How a connection ended.
    case result
    /// Bytes from the network and to it.
    case bytesIn = "bytes_in"
    case bytesOut = "bytes_out"
    /// How long the far side took to answer, and how long the connection lasted, in milliseconds.
    case connectMs = "connect_ms"
    case durationMs = "duration_ms"
    /// How many of something.
    case count
    /// Whose words they are: `ssh`, `vpnc`.
    case program
    /// The unit of the client that it is about, where it has one. By the journal's own name for that
    /// `journalctl -u` finds the record.
    case unit

    /// The journal's name of it.
    var journalName: String { Self.journalName(rawValue) }

    static func journalName(_ key: String) -> String {
        if key == unit.rawValue { return "OBJECT_SYSTEMD_UNIT" }
        return "DVPN_"
            + key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
    }
}

/// What can stand in a field.
protocol LogValue: Sendable {
    var metadata: Logger.MetadataValue { get }
}

extension String: LogValue {
    var metadata: Logger.MetadataValue { .string(self) }
}

extension Int: LogValue {
    var metadata: Logger.MetadataValue { .string(String(self)) }
}

extension UInt32: LogValue {
    var metadata: Logger.MetadataValue { .string(String(self)) }
}

extension UInt64: LogValue {
    var metadata: Logger.MetadataValue { .string(String(self)) }
}

/// The field once for each element.
extension Array: LogValue where Element == String {
    var metadata: Logger.MetadataValue { .array(map { .string($0) }) }
}

extension Logger {
    /// Where a record's metadata has its event.
    static let eventKey = "event"

    /// Writes a record with its event and fields.
    ///
    /// - Parameter event: nil for what needs no explanation of its own.
    func record(
        _ level: Logger.Level, _ event: JournalEvent?, _ message: @autoclosure () -> Logger.Message,
        _ fields: @autoclosure () -> [LogField: any LogValue] = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        log(
            level: level, message(), metadata: Self.metadata(event, fields()), file: file,
            function: function, line: line)
    }

    private static func metadata(
        _ event: JournalEvent?, _ fields: [LogField: any LogValue]
    ) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        for (field, value) in fields { metadata[field.rawValue] = value.metadata }
        if let event { metadata[eventKey] = .string(event.rawValue) }
        return metadata
    }
}
