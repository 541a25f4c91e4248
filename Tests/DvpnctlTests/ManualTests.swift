import ArgumentParser
import Foundation
import Testing

@testable import dvpnctl

@Suite("The manual")
struct ManualTests {
    @Test("has every subcommand with its options and arguments")
    func subcommands() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        let lines = try String(contentsOfFile: "\(root)/man/dvpnctl.1", encoding: .utf8)
            .split(separator: "\n")
        for (name, command) in Self.commands(of: Dvpnctl.self) {
            let line = try #require(
                lines.first { "\($0) ".hasPrefix(".It Ic \(name) ") }, "\(name)")
            let help = command.helpMessage(columns: 10_000)
            // What every one has is said once.
            let everywhere = ["-help", "-version", "-runtime-dir"]
            for option in help.matches(of: /(?m)^ +(?:-\w, )?-(-[a-z-]+)/).map(\.1)
            where !everywhere.contains(String(option)) {
                #expect(line.contains("Fl \(option)"), "\(name)")
            }
            let takesName = help.contains("ARGUMENTS:")
            #expect(line.contains("Ar name") || !takesName, "\(name)")
        }
    }

    /// Every verb with its words, such as `gateway check`.
    private static func commands(
        of parent: any ParsableCommand.Type, _ lead: String = ""
    ) -> [(String, any ParsableCommand.Type)] {
        parent.configuration.subcommands.flatMap { command in
            let name = lead + (command.configuration.commandName ?? "")
            let inner = commands(of: command, "\(name) ")
            return inner.isEmpty ? [(name, command)] : inner
        }
    }
}
