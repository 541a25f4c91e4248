/// Reads what a `[[network]]` says of its tunnel through vpnc: its gateway and `[network.vpnc]`.
struct VPNCParser {
    let table: ConfigTable

    /// The client; nil after complaints that leave nothing to go on with.
    func parse(device: String, _ errors: inout [ConfigError]) -> VPNCClient? {
        table.require("gateway", hint: "write gateway = \"vpn.corp.example\", for one", &errors)
        table.require(
            "vpnc", hint: "[network.vpnc] has group, group-secret, username and password", &errors)
        let gateway = GatewayParser(table: table, via: .vpnc).parse(&errors)
        guard let vpnc = table.table("vpnc", as: .vpnc, &errors) else { return nil }
        vpnc.refuseUnknownKeys(&errors)
        vpnc.require("group", hint: "it is what vpnc.conf calls IPSec ID", &errors)
        vpnc.require("username", hint: "it is what vpnc.conf calls Xauth username", &errors)
        let secrets = SecretParser(table: vpnc)
        let group = vpnc.line("group", &errors)
        let groupSecret = secrets.parse("group-secret", &errors)
        let username = vpnc.line("username", &errors)
        let password = secrets.parse("password", &errors)
        let natTraversal: VPNCClient.NATTraversal? = vpnc.choice("nat-traversal", &errors)
        let dhGroup: VPNCClient.DHGroup? = vpnc.choice("dh-group", &errors)
        let script = vpnc.script(&errors)
        guard let gateway, let group, let groupSecret, let username, let password else {
            return nil
        }
        return VPNCClient(
            host: gateway.host, device: device, group: group, groupSecret: groupSecret,
            username: username, password: password, natTraversal: natTraversal ?? .natt,
            dhGroup: dhGroup ?? .dh2, script: script)
    }
}

extension ConfigTable {
    /// A foreign script. vpnc and openconnect hand its name to a shell, which must see one word.
    func script(_ errors: inout [ConfigError]) -> String? {
        guard let path = absolutePath("script", &errors) else { return nil }
        guard path.utf8.allSatisfy({ $0.isAlphanumeric || "/._+-".utf8.contains($0) }) else {
            let hint = "letters, digits and /._+- only: a shell reads it"
            errors.append(complaint("script", "`script` must be a plain path", hint: hint))
            return nil
        }
        return path
    }
}
