internal import CLinux
internal import FoundationEssentials
internal import Logging

/// One line per message on standard error. Under systemd each begins with the level as journald
/// reads it (sd-daemon(3)), elsewhere with the time and the level's name.
struct LineLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    private let isJournal = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil

    init(label: String) {}

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        // A message of several lines is several lines with the same level.
        for line in "\(event.message)".split(separator: "\n", omittingEmptySubsequences: false) {
            StandardError.write("\(prefix(event.level))\(line)\n")
        }
    }

    private func prefix(_ level: Logger.Level) -> String {
        guard isJournal else {
            return "\(Date().formatted(.iso8601.time(includingFractionalSeconds: true))) \(level): "
        }
        let number =
            switch level {
            case .trace, .debug: 7
            case .info: 6
            case .notice: 5
            case .warning: 4
            case .error: 3
            case .critical: 2
            }
        return "<\(number)>"
    }
}

/// Descriptor 2, a line at a time.
enum StandardError {
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe dp_write(2, bytes, bytes.count)
    }
}
