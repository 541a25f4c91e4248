internal import Subprocess
internal import SystemPackage

/// Which programs are there that a configuration needs, and how old they are.
struct ToolSurvey {
    let configuration: Configuration

    /// How long a program may take to tell its version.
    private static let patience = Duration.seconds(5)

    /// All are asked at once.
    func tools() async -> [DoctorFacts.Tool] {
        let wanted = wanted
        let versions = await withTaskGroup(of: (Int, ToolVersion?).self) { group in
            for (index, entry) in wanted.enumerated() {
                guard let path = entry.tool.path, let option = entry.option else { continue }
                group.addTask { (index, await Self.version(path, option)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return wanted.enumerated().map { index, entry in
            var tool = entry.tool
            tool.version = versions[index] ?? nil
            return tool
        }
    }

    private typealias Wanted = (tool: DoctorFacts.Tool, option: String?)

    private var wanted: [Wanted] {
        // `ip -json` of rules came with 4.17, ranges within concatenations with nft 0.9.4.
        var wanted = [
            Self.tool("ip", "iproute2", "routes", "-V", oldest: .init(4, 17)),
            Self.tool(
                "nft", "nftables", "redirection and the guard", "--version", oldest: .init(0, 9, 4)),
        ]
        let tunnels = configuration.networks.tables.compactMap(\.tunnel)
        let kinds = Set(tunnels.map(\.via))
        if kinds.contains("ssh") || !configuration.maps.isEmpty {
            wanted.append(Self.tool("ssh", "openssh-client", "networks behind ssh", "-V"))
        }
        for kind in ["vpnc", "openconnect"] where kinds.contains(kind) {
            wanted.append(Self.tool(kind, kind, "networks behind \(kind)", "--version"))
        }
        switch configuration.dns.mode {
        case .none: break
        case .managed: wanted.append(Self.tool("dnsmasq", "dnsmasq-base", "names", "--version"))
        case .dropIn: wanted.append(Self.tool("dnsmasq", "dnsmasq", "names", "--version"))
        case .dbus:
            // The oldest whose bus takes what dvpn says (docs/names.md).
            wanted.append(
                Self.tool("dnsmasq", "dnsmasq", "names", "--version", oldest: .init(2, 86)))
        }
        let own = Set(tunnels.compactMap(Self.program)).sorted()
        return wanted + own.map { Self.tool($0, nil, "networks with `via = \"command\"`", nil) }
    }

    private static func tool(
        _ name: String, _ package: String?, _ purpose: String, _ option: String?,
        oldest: ToolVersion? = nil
    ) -> Wanted {
        let tool = DoctorFacts.Tool(
            name: name, package: package, purpose: purpose, path: ClientHost.locate(name),
            oldest: oldest)
        return (tool, option)
    }

    private static func program(_ tunnel: TunnelSettings) -> String? {
        if case .command(let command) = tunnel.client { command.start.first } else { nil }
    }

    private static func version(_ path: String, _ option: String) async -> ToolVersion? {
        await withTaskGroup(of: ToolVersion?.self) { group in
            group.addTask {
                // ssh tells it on its standard error.
                let end = try? await Subprocess.run(
                    .path(FilePath(path)), arguments: [option],
                    environment: .custom(["LC_ALL": "C"]),
                    output: .string(limit: 65_536), error: .string(limit: 65_536))
                guard let end else { return nil }
                return ToolVersion(said: end.standardOutput)
                    ?? ToolVersion(said: end.standardError)
            }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            let version = await group.next() ?? nil
            // Ends the program, too.
            group.cancelAll()
            return version
        }
    }
}
