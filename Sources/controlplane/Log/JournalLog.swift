internal import CLinux
internal import CSystemd
internal import Glibc
internal import Logging

/// Records with fields, straight to journald.
struct JournalLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        if Self.send(JournalRecord(event)) { return }
        // journald reads standard error as well, and the level before each line (sd-daemon(3)).
        for line in "\(event.message)".split(separator: "\n", omittingEmptySubsequences: false) {
            StandardError.write("<\(event.level.priority)>\(line)\n")
        }
    }

    /// The corresponding C function is `sd_journal_sendv`. False where journald cannot be reached.
    static func send(_ record: JournalRecord) -> Bool {
        let parts = record.fields.map(\.bytes)
        var bytes = parts.flatMap(\.self)
        // SAFETY: the vectors point into `bytes`, side by side, and are not kept.
        return unsafe bytes.withUnsafeMutableBytes { buffer in
            var offset = 0
            let vectors = unsafe parts.map { part in
                defer { offset += part.count }
                let start = unsafe buffer.baseAddress?.advanced(by: offset)
                return unsafe iovec(iov_base: start, iov_len: part.count)
            }
            return unsafe vectors.withUnsafeBufferPointer { vectors in
                unsafe sd_journal_sendv(vectors.baseAddress, Int32(vectors.count)) >= 0
            }
        }
    }
}

/// Where this process's messages go.
enum LogOutput {
    /// The journal where standard error is it, else lines.
    static func handler(label: String) -> any LogHandler {
        let stream = unsafe getenv("JOURNAL_STREAM").map { unsafe String(cString: $0) }
        var file = cl_file()
        guard unsafe cl_status_of(2, &file) == 0,
            isJournal(stream, device: file.device, inode: file.inode)
        else { return LineLog(label: label) }
        return JournalLog()
    }

    /// Whether `$JOURNAL_STREAM` names this file: a program that was started by a service, with its
    /// output elsewhere, inherits the variable all the same (systemd.exec(5)).
    static func isJournal(_ stream: String?, device: UInt64, inode: UInt64) -> Bool {
        stream == "\(device):\(inode)"
    }
}
