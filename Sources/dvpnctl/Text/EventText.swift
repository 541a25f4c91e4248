internal import FoundationEssentials
internal import Reports

/// Events for people: one line each, however many it was written in.
enum EventText {
    static func line(_ event: EventReport) -> String {
        let time = event.at.formatted(.iso8601)
        let text = event.text.split(separator: "\n").joined(separator: " / ")
        let mark = ["warning", "error", "critical"].contains(event.level) ? "\(event.level): " : ""
        return "\(time) \(mark)\(text)\n"
    }
}
