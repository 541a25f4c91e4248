internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Reports

/// `dvpnctl gateway pin NAME`: writes down a gateway's host keys.
struct GatewayPinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Record a gateway's host keys, after showing their fingerprints.",
        discussion: """
            Compare the fingerprints with what the gateway itself says: on it, \
            `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub`. Keys that are other than recorded \
            ones are taken with --replace only.
            """)

    @OptionGroup var configured: ConfigOption
    @Argument(help: "The network's name, or its gateway.", completion: NetworkCompletion.kind)
    var name: String
    @Option(
        help: ArgumentHelp(
            "Record if one key has this fingerprint, without asking.", valueName: "fingerprint"))
    var fingerprint: String?
    @Flag(help: "Replace keys that are recorded and are others.")
    var replace = false
    @Flag(help: "Do not ask.")
    var yes = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let fingerprint, !HostKeys.isFingerprint(fingerprint) {
            throw ValidationError(
                "\"\(fingerprint)\" is no fingerprint: SHA256: and 43 characters, "
                    + "as ssh-keygen -lf shows it")
        }
    }

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let gateway = try ConfiguredGateways.network(name, config: configured.config)
            let place = HostKeys.name(host: gateway.host, port: gateway.port)
            let facts = try HostKeyFacts.gather(gateway)
            guard !facts.shown.isEmpty else { throw .here("\(place) shows no host key") }
            // Each key was asked for on a connection of its own: one that was seen elsewhere says
            // nothing about the others.
            let trusted = fingerprint.map { facts.trusted($0) }
            if trusted?.isEmpty == true {
                throw .here("\(place) has no key with the fingerprint \(fingerprint ?? "")")
            }
            let keys = (trusted ?? facts.shown).map(\.key)
            let before = (try? Data(contentsOf: URL(filePath: gateway.knownHosts))) ?? Data()
            let change = HostKeys.change(
                String(decoding: before, as: UTF8.self), name: place,
                keys: keys, recorded: facts.recorded.map(\.key), shown: facts.shown.map(\.key))
            output.tell("\(place)\n" + facts.shown.map { "    \($0.text)\n" }.joined())
            func end(_ result: GatewayPinReport.Result) -> ExitStatus {
                output.end(
                    GatewayPinReport(
                        gateway: place, file: gateway.knownHosts, result: result,
                        shown: facts.shown.map(\.reported),
                        recorded: facts.recorded.map(\.reported)))
                return [.recorded, .known].contains(result) ? .healthy : .failed
            }
            let text: String
            switch change {
            case .none:
                output.tell("recorded already in \(gateway.knownHosts)\n")
                return end(.known)
            case .add(let new): text = new
            case .replace(let new):
                Console.complain(
                    "dvpnctl: \(gateway.knownHosts) holds ANOTHER key of \(place): "
                        + "either the gateway was set up anew, or somebody is in between. Recorded:\n"
                        + facts.recorded.map { "    \($0.text)\n" }.joined())
                guard replace else {
                    Console.complain(
                        "dvpnctl: nothing was recorded; --replace does it, once you know why\n")
                    return end(.differs)
                }
                text = try facts.clear(new, name: place, keys: keys, path: gateway.knownHosts)
            }
            guard trusted != nil || yes || Console.confirms("Are these the gateway's?") else {
                Console.complain("dvpnctl: nothing was recorded\n")
                return end(.declined)
            }
            try Self.write(text, gateway.knownHosts)
            output.tell("recorded in \(gateway.knownHosts)\n")
            return end(.recorded)
        }
    }

    /// ssh runs as a user of its own and reads it; a rename, so that it never reads half.
    private static func write(_ text: String, _ path: String) throws(ClientError) {
        do {
            let url = URL(filePath: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url, options: .atomic)
        } catch {
            throw .here("cannot write \(path): \(error)")
        }
        _ = unsafe chmod(path, 0o644)
    }
}
