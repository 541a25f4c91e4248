import FoundationEssentials
import Reports
import Testing

@testable import dvpnctl

@Suite("What watch shows")
struct WatchScreenTests {
    @Test("every state, rates, notes and events on 80 by 24")
    func standard() throws {
        try GatewayGolden.expect(screen(80, 24), equals: "watch-80x24.txt")
    }

    @Test("in colours")
    func colours() throws {
        let lines = WatchScreen(
            model: WatchSample.model, now: WatchSample.now, width: 80, height: 24
        )
        .lines
        // The escape character as cat -v shows it, so that the file can be read.
        let text = lines.map { WatchFrame.line($0, colours: true) + "\n" }.joined()
            .replacing("\u{1B}", with: "^[")
        try GatewayGolden.expect(text, equals: "watch-colours.txt")
    }

    @Test("a wide one has gateways")
    func wide() throws {
        try GatewayGolden.expect(screen(132, 30), equals: "watch-132x30.txt")
    }

    @Test("a small one counts what it has no room for")
    func small() throws {
        try GatewayGolden.expect(screen(60, 14), equals: "watch-60x14.txt")
    }

    @Test(
        "fits whatever there is",
        arguments: [(80, 24), (1, 1), (2, 3), (20, 6), (79, 7), (300, 100), (80, 5)])
    func fits(_ width: Int, _ height: Int) {
        for model in [WatchSample.model, WatchSample.many, WatchSample.away, WatchModel()] {
            let screen = WatchScreen(
                model: model, now: WatchSample.now, width: width, height: height)
            #expect(screen.lines.count == height)
            for line in screen.lines {
                #expect(line.reduce(0) { $0 + $1.text.unicodeScalars.count } <= width)
            }
        }
    }

    @Test("before the first answer, and while there is none")
    func problems() {
        #expect(text(WatchModel(), 40, 4) == " dvpn\n\nasking …\nq ends it\n")
        #expect(
            text(WatchSample.away, 60, 24).hasPrefix(
                " dvpn is not running (no answer at /run/dvpn/api.sock: ther…\n"))
        #expect(text(WatchSample.away, 80, 24).contains("\nhome "))
    }

    @Test("words of others give the terminal no orders")
    func harmless() {
        #expect(Span("a\u{1B}[2Jb\r\n\u{202E}c漢→d").text == "a?[2Jb???c?→d")
    }

    @Test(
        "colours are for terminals, and for those who want them",
        arguments: [
            (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false),
            (true, ["NO_COLOR": ""], true), (true, ["TERM": "dumb"], false),
            (true, ["TERM": "xterm"], true),
        ] as [(Bool, [String: String], Bool)])
    func wanted(_ isTerminal: Bool, _ environment: [String: String], _ wanted: Bool) {
        #expect(
            WatchFrame.wantsColours(isTerminal: isTerminal, environment: environment) == wanted)
    }

    @Test("a frame goes over the one before")
    func frame() {
        #expect(
            WatchFrame.text([[Span("a", .bad)], []], colours: false)
                == "\u{1B}[Ha\u{1B}[K\r\n\u{1B}[K\u{1B}[J")
    }

    @Test("keys that end it", arguments: [("q", true), ("Q", true), ("\u{3}", true), ("x", false)])
    func keys(_ key: String, _ leaves: Bool) throws {
        #expect(Terminal.leaves(try #require(key.utf8.first)) == leaves)
    }

    private func screen(_ width: Int, _ height: Int) -> String {
        text(WatchSample.model, width, height)
    }

    private func text(_ model: WatchModel, _ width: Int, _ height: Int) -> String {
        WatchScreen(model: model, now: WatchSample.now, width: width, height: height).lines.map {
            let line = WatchFrame.line($0, colours: false)
            return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}
