internal import FoundationEssentials
internal import Reports

/// A gateway's host keys: those that it shows, and those that are recorded of it here.
struct HostKeyFacts: Equatable, Sendable {
    /// With a fingerprint as ssh-keygen writes it: `256 SHA256:… (ED25519)`.
    struct Print: Equatable, Sendable {
        let key: HostKeys.Key
        let text: String

        /// `SHA256:…`
        var fingerprint: String? { text.split(separator: " ").dropFirst().first.map(String.init) }

        /// As it stands in a report.
        var reported: GatewayPinReport.Key {
            GatewayPinReport.Key(kind: key.kind, fingerprint: fingerprint ?? "")
        }
    }

    var recorded: [Print] = []
    /// Whether an authority that is recorded here may vouch for its keys (`@cert-authority`).
    var hasAuthority = false
    /// Empty where it did not answer.
    var shown: [Print] = []

    var differ: Bool {
        HostKeys.differ(recorded: recorded.map(\.key), shown: shown.map(\.key))
    }

    /// The keys that it shows with exactly this fingerprint.
    func trusted(_ fingerprint: String) -> [Print] {
        shown.filter { $0.fingerprint == fingerprint }
    }

    /// Takes out of a new text of known_hosts what would still have ssh believe an outdated key.
    ///
    /// - Parameters:
    ///   - keys: those that were recorded in the text.
    ///   - path: the file that it is for.
    func clear(
        _ text: String, name: String, keys: [HostKeys.Key], path: String
    ) throws(ClientError) -> String {
        let old = HostKeys.outdated(
            recorded: recorded.map(\.key), keys: keys, shown: shown.map(\.key))
        let cleared: String
        switch HostKeys.clear(text, found: try Self.find(name, in: text), old: old) {
        case .text(let text):
            cleared = text
        case .held(let lines):
            throw .here(
                "nothing was recorded: by these lines of \(path) ssh would still take another key "
                    + "for that of \(name); take them out by hand\n"
                    + lines.map { "    \($0)\n" }.joined())
        }
        // What counts is what ssh finds, not what we have understood.
        let found = HostKeys.printed(try Self.find(name, in: cleared))
        guard !found.contains(where: old.contains), keys.allSatisfy(found.contains) else {
            throw .here(
                "nothing was recorded: in \(path) ssh would still find another key of \(name); "
                    + "`ssh-keygen -F '\(name)' -f \(path)` shows it, take it out by hand")
        }
        return cleared
    }

    /// What ssh-keygen finds of a host in a text.
    private static func find(_ name: String, in text: String) throws(ClientError) -> String {
        let directory = try GatewayProbe.directory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = "\(directory)/known_hosts"
        do {
            try Data(text.utf8).write(to: URL(filePath: path))
        } catch {
            throw .here("cannot write \(path): \(error)")
        }
        return try Child.run("ssh-keygen", ["-F", name, "-f", path]).text
    }

    /// Asks the gateway and looks into the file.
    static func gather(_ gateway: GatewayReport) throws(ClientError) -> HostKeyFacts {
        let scan = try Child.run(
            "ssh-keyscan", ["-T", "10", "-p", "\(gateway.port)", "--", gateway.host])
        var facts = HostKeyFacts()
        facts.shown = try prints(HostKeys.printed(scan.text))
        // Not by our own reading: names may be hashed there, or be patterns.
        guard FileManager.default.fileExists(atPath: gateway.knownHosts) else { return facts }
        let name = HostKeys.name(host: gateway.host, port: gateway.port)
        let found = try Child.run("ssh-keygen", ["-F", name, "-f", gateway.knownHosts])
        facts.hasAuthority = found.text.split(separator: "\n").contains {
            $0.hasPrefix("@cert-authority")
        }
        facts.recorded = try prints(HostKeys.printed(found.text))
        return facts
    }

    private static func prints(_ keys: [HostKeys.Key]) throws(ClientError) -> [Print] {
        guard !keys.isEmpty else { return [] }
        let child = try Child("ssh-keygen", ["-l", "-f", "-"], errors: .read)
        child.write(keys.map { "- \($0.kind) \($0.base64)\n" }.joined())
        let end = child.finish(seconds: 10)
        let lines = end.text.split(separator: "\n")
        guard end.status == 0, lines.count == keys.count else {
            throw .here("cannot read host keys:\n\(end.text)")
        }
        return zip(keys, lines).map {
            Print(key: $0, text: String($1).replacing(" - ", with: " "))
        }
    }
}
