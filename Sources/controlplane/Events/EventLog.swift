internal import Logging

/// Passes records on, and notes those that are events. What each connection or each line of a
/// client says would push out the rest and stays in the journal.
struct EventLog: LogHandler {
    private var output: any LogHandler
    private let book: EventHistory
    /// What is wanted of the output.
    private var wanted: Logger.Level

    init(_ output: any LogHandler, _ book: EventHistory) {
        self.output = output
        self.book = book
        wanted = output.logLevel
    }

    var metadata: Logger.Metadata {
        get { output.metadata }
        set { output.metadata = newValue }
    }

    /// Events are noted also where the log is to have less.
    var logLevel: Logger.Level {
        get { min(wanted, .notice) }
        set { wanted = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { output[metadataKey: key] }
        set { output[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        note(event)
        if event.level >= wanted { output.log(event: event) }
    }

    private func note(_ record: LogEvent) {
        guard let word = record.metadata?[Logger.eventKey],
            let event = JournalEvent(rawValue: "\(word)"), event.isRare
        else { return }
        var fields: [String: String] = [:]
        var networks: [String] = []
        for (key, value) in record.metadata ?? [:] where key != Logger.eventKey {
            switch (key, value) {
            case (LogField.network.rawValue, .array(let values)):
                networks = values.prefix(JournalRecord.repeatsMax).map { "\($0)" }
            case (LogField.network.rawValue, let value):
                networks = ["\(value)"]
            default:
                fields[key] = "\(value)"
            }
        }
        book.add(
            event, level: record.level.rawValue, text: "\(record.message)", networks: networks,
            fields: fields)
    }
}

extension JournalEvent {
    /// False for what a busy minute may have thousands of.
    var isRare: Bool {
        switch self {
        case .clientSaid, .connectionEnded, .connectionsLeftOut: false
        default: true
        }
    }
}
