internal import ArgumentParser
internal import FoundationEssentials
internal import NIOCore
internal import Reports

/// `dvpnctl explain`: what happens to a connection, and why.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Tell step by step what happens to a connection, and why.",
        discussion: """
            Where dvpn does not run, that is said first, then what is wrong with its configuration, and \
            what can be looked at is looked at; exit status 3 then. \
            Exit status 4 where a step stands in its way.
            """)

    @OptionGroup var runtime: RuntimeOptions

    @Argument(help: "A name or an address, with or without a port: git.corp.example:22.")
    var name: String

    @Flag(name: .customLong("try"), help: "Make a connection, and tell what came of it.")
    var tries = false

    @OptionGroup var resting: RestingOptions

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !tries || Self.hasPort(name) else {
            throw ValidationError("--try needs a port: write it like git.corp.example:22")
        }
    }

    /// An address without brackets has colons of its own. The controlplane judges the rest: it knows
    /// the ports of URLs and of services.
    private static func hasPort(_ name: String) -> Bool {
        guard !name.contains("://") else { return true }
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || (name.hasPrefix("[") && parts.dropLast().last?.last == "]"),
            let port = parts.last
        else { return false }
        return UInt16(port).map { $0 > 0 } ?? (port.first?.isLetter == true)
    }

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            do throws(ClientError) {
                let path = APIPath.explain(name, tries: tries)
                let answer = try await runtime.client.fetch(
                    ExplainReport.self, tries ? .post : .get, path, timeout: .seconds(120))
                output.show(answer) { ExplainText.format($0) }
                return answer.report.isHealthy ? .healthy : .degraded
            } catch {
                guard case .notRunning = error else { throw error }
                // Returns only where that program is not there.
                Companion.tryToBecome(
                    ["--explain", name, "--runtime-dir", runtime.runtimeDir] + resting.arguments
                        + (tries ? ["--try"] : []) + (output.json ? ["--json"] : []))
                throw error
            }
        }
    }
}
