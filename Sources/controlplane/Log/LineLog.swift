internal import CLinux
internal import FoundationEssentials
internal import Logging

/// One line per message on standard error, with the time and the level's name.
struct LineLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(label: String) {}

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = Date().formatted(.iso8601.time(includingFractionalSeconds: true))
        // A message of several lines is several lines with the same level.
        for line in "\(event.message)".split(separator: "\n", omittingEmptySubsequences: false) {
            StandardError.write("\(time) \(event.level): \(line)\n")
        }
    }
}

/// Descriptor 2, a line at a time.
enum StandardError {
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe dp_write(2, bytes, bytes.count)
    }
}
