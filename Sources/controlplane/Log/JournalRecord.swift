internal import Logging

/// One record as the journal takes it: fields in an order, names as systemd.journal-fields(7) wants
/// them. Pure.
struct JournalRecord: Equatable, Sendable {
    struct Field: Equatable, Sendable {
        let name: String
        /// May have line breaks: sendv tells its length beforehand.
        let value: String

        /// `NAME=value`.
        var bytes: [UInt8] { Array("\(name)=\(value)".utf8) }
    }

    /// A tunnel may have thousands of networks; a field is there so many times at most.
    static let repeatsMax = 64
    /// A value is cut behind so many bytes.
    static let bytesMax = 16_384

    static let identifier = "dvpn-controlplane"

    let fields: [Field]

    init(_ event: LogEvent) {
        var fields = [
            Field(name: "MESSAGE", value: Self.cut("\(event.message)")),
            Field(name: "PRIORITY", value: String(event.level.priority)),
            Field(name: "SYSLOG_IDENTIFIER", value: Self.identifier),
            Field(name: "CODE_FILE", value: event.file),
            Field(name: "CODE_LINE", value: String(event.line)),
            Field(name: "CODE_FUNC", value: event.function),
        ]
        for (key, value) in (event.metadata ?? [:]).sorted(by: { $0.key < $1.key }) {
            if key == Logger.eventKey {
                let id = JournalEvent(rawValue: "\(value)")?.id
                fields += id.map { [Field(name: "MESSAGE_ID", value: $0)] } ?? []
                continue
            }
            let name = LogField.journalName(key)
            switch value {
            case .array(let values):
                fields += values.prefix(Self.repeatsMax).map {
                    Field(name: name, value: Self.cut("\($0)"))
                }
            case .string, .stringConvertible, .dictionary:
                fields.append(Field(name: name, value: Self.cut("\(value)")))
            }
        }
        self.fields = fields
    }

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > bytesMax else { return text }
        return String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self) + "…"
    }
}

extension Logger.Level {
    /// As sd-daemon(3) counts.
    var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
