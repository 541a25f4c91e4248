internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import Reports

/// Gathers a bug report. What cannot be had is said in its place: a report is wanted most when things
/// do not work.
struct BugReportSurvey {
    private static let units = [
        "dvpn-controlplane", "dvpn-dataplane", "dvpn-host", "dvpn-guard", "dvpn-dnsmasq*",
        "dvpn-ssh@*", "dvpn-tunnel@*",
    ]

    let runtime: RuntimeOptions
    /// nil: that of the running dvpn, or the usual one.
    let config: String?
    /// How many lines of the journal.
    let lines: Int

    func report() async -> BugReport {
        let client = runtime.client
        let status = await attempt { () async throws(ClientError) in
            let report = try await client.ask(
                StatusReport.self, .get, APIPath.status(limit: StatusText.askedMax))
            return StatusText.format(report, now: Date())
        }
        let configuration = await attempt { () async throws(ClientError) in
            try await pretty(client.send(.get, APIPath.configuration))
        }
        let parked = await attempt { () async throws(ClientError) in
            try await pretty(client.send(.get, APIPath.parked))
        }
        let events = await attempt { () async throws(ClientError) in
            let report = try await client.ask(EventsReport.self, .get, APIPath.events)
            return report.events.suffix(lines).map(EventText.line).joined()
        }
        let config = await file()
        return BugReport(sections: [
            section("versions", Self.versions), section("status", status),
            section("configuration", configuration),
            section("check", companion(["--check", "--config", config])),
            section("doctor", await doctor(config)), section("parked", parked),
            section("events", events), section("journal", journal()),
        ])
    }

    private func section(_ name: String, _ text: String) -> BugReport.Section {
        BugReport.Section(name: name, text: Redaction.clean(text))
    }

    private func attempt(_ work: () async throws(ClientError) -> String) async -> String {
        do throws(ClientError) { return try await work() } catch { return error.text }
    }

    /// The main file of the configuration.
    private func file() async -> String {
        if let config { return config }
        let told = try? await runtime.client.ask(
            ConfigurationReport.self, .get, APIPath.configuration)
        // One that is not absolute begins in a directory that only the running dvpn knows.
        let main = told?.files.first.flatMap { $0.hasPrefix("/") ? $0 : nil }
        return main ?? CheckCommand.standardConfig
    }

    private func doctor(_ config: String) async -> String {
        do throws(ClientError) {
            let report = try await runtime.client.ask(
                DoctorReport.self, .get, APIPath.doctor, timeout: .seconds(60))
            return DoctorText.format(report)
        } catch {
            guard case .notRunning = error else { return error.text }
            return companion(
                ["--doctor", "--config", config, "--runtime-dir", runtime.runtimeDir])
        }
    }

    private func companion(_ arguments: [String]) -> String {
        run(Companion.path(Companion.controlplane), arguments)
    }

    private func journal() -> String {
        run(
            "journalctl",
            ["--no-pager", "--quiet", "--output=short-iso", "--lines=\(lines)"]
                + Self.units.map { "--unit=\($0)" })
    }

    private func run(_ program: String, _ arguments: [String]) -> String {
        do throws(ClientError) {
            return try Child.run(program, arguments, seconds: 60).text
        } catch {
            return error.text
        }
    }

    private func pretty(_ data: Data) throws(ClientError) -> String {
        do {
            let value = try JSONDecoder().decode(JSONValue.self, from: data)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw .badAnswer("\(error)")
        }
    }

    /// dvpnctl's own, the kernel's, and the distribution's.
    private static var versions: String {
        let release = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        let name = release.split(separator: "\n").first { $0.hasPrefix("PRETTY_NAME=") }
        let kernel = (try? String(contentsOfFile: "/proc/version", encoding: .utf8)) ?? ""
        return """
            dvpnctl \(Release.version)
            \(name.map(String.init) ?? "PRETTY_NAME is not in /etc/os-release")
            \(kernel)
            """
    }
}
