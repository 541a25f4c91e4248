internal import ArgumentParser
internal import Glibc
internal import Reports

/// `dvpnctl bugreport`: everything that whoever is to help will ask for.
struct BugreportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bugreport", abstract: "Gather what is needed to find out what is wrong.",
        discussion: """
            Versions, status, configuration, doctor, events and the end of the journal, without secrets. It \
            has names and addresses of networks in it: read it before you give it away.
            """)

    @OptionGroup var runtime: RuntimeOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: .customLong("output"),
        help: ArgumentHelp("Write it to a new file, for its owner alone.", valueName: "file"))
    var file: String?

    @Option(help: ArgumentHelp("So many events and lines of the journal.", valueName: "number"))
    var lines = 500

    @Option(
        help: ArgumentHelp(
            "The main file of the configuration; without it that of the running dvpn.",
            valueName: "file"))
    var config: String?

    func validate() throws {
        guard (0...100_000).contains(lines) else {
            throw ValidationError("--lines is 0 to 100000, not \(lines)")
        }
    }

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            // Before the work, which takes a while.
            let descriptor = try file.map(Self.create)
            let report = await BugReportSurvey(runtime: runtime, config: config, lines: lines)
                .report()
            guard let descriptor, let file else {
                output.show(own: report, BugReportText.format)
                return .healthy
            }
            defer { close(descriptor) }
            Console.put(output.text(own: report, BugReportText.format), descriptor)
            Console.complain("written to \(file); read it before you give it away\n")
            return .healthy
        }
    }

    private static func create(_ path: String) throws(ClientError) -> CInt {
        // O_EXCL: root is not to be led to another file by a link in /tmp.
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .here(
                errno == EEXIST
                    ? "\(path) is there already; name another file"
                    : "cannot make \(path) (errno \(errno))")
        }
        return descriptor
    }
}
