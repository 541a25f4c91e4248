internal import ArgumentParser
internal import FoundationEssentials
internal import Reports

/// `dvpnctl gateway setup HOST`: makes a host a gateway.
struct GatewaySetupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "setup",
        abstract: "Print what a gateway needs, as a script; with --apply, do it over ssh.",
        discussion: """
            HOST is how you log in there, as root or as somebody for whom `sudo -n` works. User, \
            prefixes and key are those of the networks whose gateway is that host, unless they are \
            given. With --apply the difference is shown before anything is changed.
            """)

    @OptionGroup var configured: ConfigOption
    @Argument(help: ArgumentHelp("The gateway, as ssh takes it.", valueName: "name"))
    var host: String

    @Flag(help: "Log in and make the difference, after showing it.")
    var apply = false
    @Flag(help: "Log in and show the difference only.")
    var diff = false
    @Flag(help: "A chroot jail with nothing but netcat, for far-end = \"netcat\".")
    var jail = false
    @Option(
        help: ArgumentHelp(
            "dvpn's user there; default: the configured one, or \(FarSide.defaultUser).",
            valueName: "user"))
    var user: String?
    @Option(
        help: ArgumentHelp("A network that it may reach; may be repeated.", valueName: "prefix"))
    var prefix: [String] = []
    @Option(help: ArgumentHelp("A file with public keys that let it in.", valueName: "file"))
    var key: [String] = []
    @Option(help: ArgumentHelp("ssh's port, for logging in.", valueName: "port"))
    var port: Int?
    @Option(help: ArgumentHelp("A configuration of ssh, for logging in.", valueName: "file"))
    var sshConfig: String?
    @Flag(help: "Do not ask before applying.")
    var yes = false
    @OptionGroup var output: OutputOptions

    private var access: AdminAccess {
        AdminAccess(destination: host, port: port, config: sshConfig)
    }

    func validate() throws {
        if host.hasPrefix("-") { throw ValidationError("\(host) is no host") }
        if apply && diff { throw ValidationError("--apply and --diff exclude each other") }
    }

    func run() async throws {
        try await Console.run { () async throws(ClientError) in
            let side = try wanted()
            let script = FarScript.render(side)
            func end(_ difference: String? = nil, changed: Bool = false) {
                output.end(
                    GatewaySetupReport(
                        host: access.host, user: side.user, farEnd: side.kind.farEnd,
                        script: script, difference: difference, changed: changed))
            }
            guard apply || diff else {
                if output.json { end() } else { Console.show(script) }
                return .healthy
            }
            let work = FarWork(access: access, script: script)
            let difference = try work.difference()
            guard !difference.isEmpty else {
                output.tell("\(access.host) is set up for \(side.user) already\n")
                end(difference)
                return .healthy
            }
            output.tell(difference)
            guard apply else {
                end(difference)
                return .healthy
            }
            guard yes || Console.confirms("Make this change on \(access.host)?") else {
                Console.complain("dvpnctl: nothing was changed; --yes makes it without asking\n")
                end(difference)
                return .failed
            }
            try work.apply(output.tell)
            output.tell("\(access.host) is set up for \(side.user)\n")
            end(difference, changed: true)
            return .healthy
        }
    }

    /// What is said on the command line, and for the rest what is configured.
    private func wanted() throws(ClientError) -> FarSide {
        var gateways: [GatewayReport] = []
        if user == nil || prefix.isEmpty || key.isEmpty || !jail {
            // Without a configuration everything may be said here.
            let isEnough = !prefix.isEmpty && !key.isEmpty
            do throws(ClientError) {
                gateways = try ConfiguredGateways.named(access.host, config: configured.config)
            } catch {
                guard isEnough else { throw error }
            }
        }
        let user = self.user ?? gateways.first?.user ?? FarSide.defaultUser
        gateways = gateways.filter { $0.user == user }
        var keys: [String] = []
        for path in key { keys += try KeyFile.publicKeys(in: path) }
        if key.isEmpty {
            for path in Set(gateways.map(\.identity)).sorted() {
                keys.append(try KeyFile.publicKey(path))
            }
        }
        var prefixes = prefix
        if prefixes.isEmpty { prefixes = gateways.flatMap(\.prefixes) }
        let isJail = jail || gateways.contains { $0.farEnd == "netcat" }
        do throws(FarSide.Defect) {
            return try FarSide(
                user: user, kind: isJail ? .jail : .forward, prefixes: prefixes, keys: keys)
        } catch {
            throw .here(error.text, .usage)
        }
    }
}
