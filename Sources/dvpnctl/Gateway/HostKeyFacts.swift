internal import FoundationEssentials
internal import Reports

/// A gateway's host keys: those that it shows, and those that are recorded of it here.
struct HostKeyFacts: Equatable, Sendable {
    /// With a fingerprint as ssh-keygen writes it: `256 SHA256:… (ED25519)`.
    struct Print: Equatable, Sendable {
        let key: HostKeys.Key
        let text: String
    }

    var recorded: [Print] = []
    /// Whether an authority that is recorded here may vouch for its keys (`@cert-authority`).
    var hasAuthority = false
    /// Empty where it did not answer.
    var shown: [Print] = []

    var differ: Bool {
        HostKeys.differ(recorded: recorded.map(\.key), shown: shown.map(\.key))
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
