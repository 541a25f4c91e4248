internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Reports

/// `dvpnctl watch`: what `status` shows, as it changes.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Show networks, traffic and events as they change.",
        discussion: """
            For a terminal of 80 columns and 24 lines or more. q and ^C end it. Colours are left out \
            where NO_COLOR is set.
            """)

    /// How long keys may wait for what is on the screen, in milliseconds.
    private static let turnMs: Int32 = 100

    @OptionGroup var runtime: RuntimeOptions

    @Option(help: ArgumentHelp("Look again after so many seconds.", valueName: "seconds"))
    var interval = 1

    @Flag(help: "Print what would be on the screen once, and end.")
    var once = false

    @Flag(help: "Print a status report as one line of JSON each time.")
    var json = false

    func validate() throws {
        guard (1...3_600).contains(interval) else {
            throw ValidationError("--interval is 1 to 3600 seconds, not \(interval)")
        }
    }

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            if json { return try await printReports() }
            if once { return try await printOnce() }
            return try watch()
        }
    }

    private func printReports() async throws(ClientError) -> ExitStatus {
        while true {
            let answer = try await runtime.client.fetch(
                StatusReport.self, .get, APIPath.status(limit: WatchFetch.networksMax))
            Console.show(String(decoding: answer.data, as: UTF8.self) + "\n")
            if once { return .healthy }
            try? await Task.sleep(for: .seconds(interval))
        }
    }

    private func printOnce() async throws(ClientError) -> ExitStatus {
        var model = WatchModel()
        model.take(try await WatchFetch(runtime.client).look())
        let screen = WatchScreen(model: model, now: Date(), width: 80, height: 24)
        let colours = Self.wantsColours
        for line in screen.lines.dropLast() {
            Console.show(WatchFrame.line(line, colours: colours) + "\n")
        }
        return .healthy
    }

    private func watch() throws(ClientError) -> ExitStatus {
        let isDumb = ["dumb", ""].contains(ProcessInfo.processInfo.environment["TERM"] ?? "")
        guard !isDumb, let terminal = Terminal() else {
            throw .here(
                "watch needs a terminal; --once prints what it would show, --json is for programs",
                .usage)
        }
        let colours = Self.wantsColours
        let fetch = WatchFetch(runtime.client)
        var model = WatchModel()
        var shown = ""
        var (begun, isAsking, pause) = (0.0, false, 0.0)
        repeat {
            if !isAsking && WatchFetch.now >= begun + pause {
                (begun, isAsking) = (WatchFetch.now, true)
                fetch.begin()
            }
            if let found = fetch.take() {
                switch found {
                case .success(let look): model.take(look)
                case .failure(let error): model.fail(error.text)
                }
                isAsking = false
                // Of very many networks a look takes long: looking must not be all that dvpn does.
                pause = max(Double(interval), 5 * (WatchFetch.now - begun))
            }
            let size = terminal.size
            let screen = WatchScreen(
                model: model, now: Date(), width: size.width, height: size.height)
            let frame = WatchFrame.text(screen.lines, colours: colours)
            if frame != shown { Console.show(frame) }
            shown = frame
        } while !terminal.isLeft(within: Self.turnMs)
        return .healthy
    }

    private static var wantsColours: Bool {
        WatchFrame.wantsColours(
            isTerminal: isatty(STDOUT_FILENO) == 1,
            environment: ProcessInfo.processInfo.environment)
    }
}
