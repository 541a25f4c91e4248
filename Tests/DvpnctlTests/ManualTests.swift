import ArgumentParser
import Foundation
import Testing

@testable import dvpnctl

@Suite("The manual")
struct ManualTests {
    @Test("has every subcommand with its options and arguments")
    func subcommands() throws {
        let lines = try Self.manual().split(separator: "\n")
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
            for argument in help.matches(of: /(?m)^ +<([a-z-]+)>/).map(\.1) {
                #expect(line.contains("Ar \(argument)"), "\(name)")
            }
        }
    }

    @Test("every verb can print JSON")
    func json() {
        for (name, command) in Self.commands(of: Dvpnctl.self) {
            #expect(command.helpMessage(columns: 10_000).contains(" --json "), "\(name)")
        }
    }

    @Test("has no option that a subcommand does not know")
    func options() throws {
        let known = Dictionary(
            uniqueKeysWithValues: Self.commands(of: Dvpnctl.self).map { name, command in
                (name, command.helpMessage(columns: 10_000))
            })
        for line in try Self.manual().matches(of: /(?m)^\.It Ic (.*)$/).map(\.1) {
            let name = try #require(
                known.keys.filter { "\(line) ".hasPrefix("\($0) ") }.max { $0.count < $1.count },
                "\(line)")
            for option in line.matches(of: /Fl (-[a-z-]+)/).map(\.1) {
                #expect(known[name]?.contains("-\(option)") == true, "\(name) \(option)")
            }
        }
    }

    @Test("has every exit status, and so has --help")
    func statuses() throws {
        let section = try #require(
            try Self.manual().split(separator: ".Sh EXIT STATUS").last?
                .split(separator: ".Sh ").first)
        let listed = section.matches(of: /(?m)^\.It (\d+)$/).compactMap { Int32($0.1) }
        #expect(listed == ExitStatus.allCases.map(\.rawValue))
        let said = Dvpnctl.helpMessage(columns: 10_000).split(separator: "Exit status:").last ?? ""
        #expect(
            said.prefix { $0 != "\n" }.matches(of: #/(\d+) /#).compactMap { Int32($0.1) } == listed)
    }

    private static func manual() throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        return try String(contentsOfFile: "\(root)/man/dvpnctl.1", encoding: .utf8)
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
