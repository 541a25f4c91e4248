internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// Who reads what a verb prints.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print the report as JSON.")
    var json = false

    /// The report as it came, so that keys of a later version are not lost, or its text for people.
    func show<Report>(_ answer: Answer<Report>, _ text: (Report) -> String) {
        if json {
            Console.show(String(decoding: answer.data, as: UTF8.self) + "\n")
        } else {
            Console.show(text(answer.report))
        }
    }

    /// The same for a report of dvpnctl's own.
    func show<Report: Encodable>(own report: Report, _ text: (Report) -> String) {
        Console.show(self.text(own: report, text))
    }

    /// What a person is told on the way. Standard output is for the report alone where it is JSON.
    func tell(_ text: String) {
        if json { Console.complain(text) } else { Console.show(text) }
    }

    /// The report of a verb that has told people on the way what is in it.
    func end<Report: Encodable>(_ report: Report) {
        if json { show(own: report) { _ in "" } }
    }

    /// What would be shown.
    func text<Report: Encodable>(own report: Report, _ text: (Report) -> String) -> String {
        guard json, let data = try? ReportCoding.encode(report) else { return text(report) }
        return String(decoding: data, as: UTF8.self) + "\n"
    }
}
