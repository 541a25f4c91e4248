internal import ArgumentParser
internal import Reports

/// `dvpnctl gateway check NAME`: what dvpn's key can do on a gateway, by trying it.
struct GatewayCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Show what is and is not possible on a gateway with dvpn's key.",
        discussion: """
            Tries it: a shell, a pty, agent and X11 forwarding, listeners on the gateway, its Unix \
            sockets, connections outside of the prefixes. Exits with 1 where something is open that \
            should not be.
            """)

    @OptionGroup var configured: ConfigOption
    @Argument(help: "The network's name, or its gateway.", completion: NetworkCompletion.kind)
    var name: String

    @Flag(help: "Expect a jail with netcat, whatever far-end says.")
    var jail = false
    @Option(
        help: ArgumentHelp(
            "One more ADDRESS:PORT that must not be reached; may be repeated.", valueName: "target")
    )
    var outside: [String] = []
    @Option(
        help: ArgumentHelp(
            "Log in as this one too, and look at files and rules there.", valueName: "login"))
    var admin: String?
    @Option(
        help: ArgumentHelp(
            "For that: a file with the public keys that let it in, if there are more than ours.",
            valueName: "file"))
    var key: [String] = []
    @Option(help: ArgumentHelp("A configuration of ssh, for that.", valueName: "file"))
    var sshConfig: String?
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let gateway = try ConfiguredGateways.network(name, config: configured.config)
            let kind: FarSide.Kind = jail || gateway.farEnd == "netcat" ? .jail : .forward
            var targets: [GatewayProbe.Target] = []
            for text in outside { targets.append(try Self.target(text)) }
            var facts = try GatewayProbe(gateway: gateway, outside: targets).run()
            if let admin {
                let side: FarSide
                var keys: [String] = []
                for path in key { keys += try KeyFile.publicKeys(in: path) }
                if key.isEmpty { keys = [try KeyFile.publicKey(gateway.identity)] }
                let all = try ConfiguredGateways.named(gateway.host, config: configured.config)
                    .filter { $0.user == gateway.user }
                do throws(FarSide.Defect) {
                    side = try FarSide(
                        user: gateway.user, kind: kind, prefixes: all.flatMap(\.prefixes),
                        keys: keys)
                } catch {
                    throw .here(error.text)
                }
                let access = AdminAccess(
                    destination: admin, port: gateway.port == 22 ? nil : gateway.port,
                    config: sshConfig)
                facts.inspection = try FarWork(access: access, script: FarScript.render(side))
                    .inspection()
            }
            let findings = GatewayVerdict.findings(facts, kind: kind)
            let report = GatewayCheckReport(
                gateway: "\(gateway.user)@\(gateway.host)", prefixes: gateway.prefixes,
                farEnd: kind.farEnd, closed: GatewayVerdict.isClosed(findings), findings: findings)
            output.show(own: report, GatewayVerdict.text)
            return report.closed ? .healthy : .failed
        }
    }

    private static func target(_ text: String) throws(ClientError) -> GatewayProbe.Target {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { throw .here("\"\(text)\" is no ADDRESS:PORT", .usage) }
        let address = String(text[..<colon].filter { $0 != "[" && $0 != "]" })
        guard IPPrefix.address(address) != nil else {
            throw .here("\"\(address)\" is no address", .usage)
        }
        return GatewayProbe.Target(address: address, port: Int(port))
    }
}
