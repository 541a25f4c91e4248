import ArgumentParser
import Foundation
import Reports
import Testing

@testable import dvpnctl

@Suite("The manual")
struct ManualTests {
    /// What is said once for every verb.
    private static let everywhere = ["-help", "-version", "-runtime-dir"]

    /// Options with the names of their values, and arguments.
    private struct Usage: Equatable {
        var options: [String: String] = [:]
        var arguments: [String] = []

        /// From `--help`.
        init(help: String) {
            for found in help.matches(of: /(?m)^ +(?:-\w, )?-(-[a-z-]+)(?: <([a-z-]+)>)?/)
            where !everywhere.contains(String(found.1)) {
                options[String(found.1)] = found.2.map(String.init) ?? ""
            }
            arguments = help.matches(of: /(?m)^ +<([a-z-]+)>/).map { String($0.1) }
        }

        /// From the line of a verb in the manual: `up Oo Fl -json Oc Ar name`.
        init(line: Substring) {
            for found in line.matches(of: /(Fl (-[a-z-]+)(?: Ar ([a-z-]+))?|Ar ([a-z-]+))/) {
                if let option = found.2 {
                    options[String(option)] = found.3.map(String.init) ?? ""
                } else if let argument = found.4 {
                    arguments.append(String(argument))
                }
            }
        }
    }

    @Test("has every verb with exactly its options, their values and its arguments")
    func subcommands() throws {
        let commands = Self.commands(of: Dvpnctl.self)
        var left = try Self.manual().matches(of: /(?m)^\.It Ic (.*)$/).map(\.1)
        // Longer names first: no verb is taken for the beginning of another one.
        for (name, command) in commands.sorted(by: { $0.0.count > $1.0.count }) {
            let place = try #require(left.firstIndex { "\($0) ".hasPrefix("\(name) ") }, "\(name)")
            let line = left.remove(at: place).dropFirst(name.count)
            let help = Usage(help: command.helpMessage(columns: 10_000))
            #expect(Usage(line: line) == help, "\(name)")
        }
        #expect(left.isEmpty)
    }

    @Test("names the short form of each option that has one, and no other")
    func shortOptions() throws {
        let help = Self.commands(of: Dvpnctl.self).map { $0.1.helpMessage(columns: 10_000) }
        let known = help.flatMap { $0.matches(of: /(?m)^ +-(\w), -(-[a-z-]+)/) }
            .map { "\($0.1) \($0.2)" }.filter { $0 != "h -help" }
        let told = try Self.manual().matches(
            of: /(?m)^\.Fl (-[a-z-]+)\n\.Pq Fl (\w)(?: [:,;])?$/
        ).map { "\($0.2) \($0.1)" }
        #expect(Set(told) == Set(known) && known.count == 3)
    }

    @Test("names no option in a verb's text that no verb knows")
    func options() throws {
        let known = Set(
            Self.commands(of: Dvpnctl.self).flatMap {
                Usage(help: $0.1.helpMessage(columns: 10_000)).options.keys
            } + Self.everywhere)
        let named = try Self.manual().matches(of: /(?m)^\.(?:Pq )?Fl (-[a-z-]+)/).map {
            String($0.1)
        }
        #expect(named.count > 20)
        for option in named { #expect(known.contains(option), "\(option)") }
        #expect(try Self.manual().contains(".It Fl -runtime-dir Ar dir\n"))
    }

    @Test("dvpn(7) has every state of a network, and no other")
    func states() throws {
        let part = try #require(
            try Self.page("dvpn.7").split(separator: ".Ss The life of a tunnel\n").last?
                .split(separator: "\n.Sh ").first)
        let told = part.matches(of: /(?m)^\.It Cm (.*)$/).flatMap { $0.1.split(separator: " , ") }
        let states = NetworkReport.State.allCases.map(\.rawValue)
        #expect(told.map(String.init).sorted() == states.sorted())
        #expect(part.contains("held down"))
    }

    @Test("every verb can print JSON")
    func json() {
        for (name, command) in Self.commands(of: Dvpnctl.self) {
            #expect(command.helpMessage(columns: 10_000).contains(" --json "), "\(name)")
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

    private static func manual() throws -> String { try page("dvpnctl.1") }

    private static func page(_ name: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined()
        return try String(contentsOfFile: "\(root)/man/\(name)", encoding: .utf8)
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
