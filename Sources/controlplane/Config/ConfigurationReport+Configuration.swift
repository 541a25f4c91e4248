internal import Protocol
internal import Reports

extension ConfigurationReport {
    /// Secrets are places in a `Configuration`, and stay that. Only a command's arguments may have
    /// one in them. Pure.
    ///
    /// - Parameters:
    ///   - files: that were read.
    ///   - released: tables that are configured and not in force.
    init(_ configuration: Configuration, files: [String], released: [controlplane.Network]) {
        let tables = configuration.networks.tables.map {
            Network($0, configuration.holdMs, isReleased: false)
        }
        let gone = released.map { Network($0, configuration.holdMs, isReleased: true) }
        let limits = configuration.limits
        self.init(
            files: files, lan: configuration.lan, masquerade: configuration.masquerade,
            holdMs: configuration.holdMs,
            limits: Limits(
                connections: limits.connectionsMax, halfOpen: limits.halfOpenMax,
                halfOpenPerSource: limits.halfOpenPerSourceMax),
            dns: DNS(configuration.dns), web: configuration.web.map(Web.init),
            networks: tables + gone,
            maps: configuration.networks.maps.map {
                Map(file: $0.settings.file, source: "\($0.settings.source)", networks: $0.count)
            },
            forwards: configuration.forwards.map(Forward.init),
            notices: configuration.notices.map { "\($0)" })
    }
}

extension ConfigurationReport.Network {
    fileprivate init(_ network: Network, _ holdMs: Int, isReleased: Bool) {
        var (program, secrets): (String?, [String: String]) = (nil, [:])
        switch network.tunnel?.client {
        case .vpnc(let vpnc):
            secrets = [
                "group-secret": "\(vpnc.groupSecret)", "password": "\(vpnc.password)",
            ]
        case .openconnect(let openconnect): secrets = ["password": "\(openconnect.password)"]
        case .ssh(let ssh): secrets = ["identity": ssh.identity]
        case .command(let command): program = command.start.first
        case nil: break
        }
        self.init(
            name: network.name, source: "\(network.source)", prefixes: network.prefixes.map(\.text),
            via: network.tunnel?.via ?? "direct", program: program,
            gateway: network.tunnel.flatMap { $0.host == nil ? nil : $0.gateway },
            connect: network.connect.rawValue, idleMs: network.tunnel?.idleMs,
            holdMs: max(holdMs, network.holdMs ?? 0), device: network.tunnel?.device,
            domains: network.domains, nameServers: network.nameServers, secrets: secrets,
            released: isReleased ? true : nil)
    }
}

extension ConfigurationReport.DNS {
    fileprivate init(_ dns: DNSSettings) {
        let mode =
            switch dns.mode {
            case .none: "none"
            case .dropIn: "drop-in"
            case .dbus: "dbus"
            case .managed: "managed"
            }
        self.init(
            mode: mode, host: "\(dns.host)", listen: dns.listen, port: dns.port,
            upstream: dns.upstream.map { "\($0)" })
    }
}

extension ConfigurationReport.Web {
    fileprivate init(_ web: WebSettings) {
        self.init(listen: web.authority, tls: web.tls != nil, token: "\(web.token)")
    }
}

extension ConfigurationReport.Forward {
    fileprivate init(_ forward: ForwardSettings) {
        let target =
            switch forward.target {
            case .address(let address, .ipv6): "[\(address.text(.ipv6))]"
            case .address(let address, .ipv4): address.text(.ipv4)
            case .name(let name): name
            }
        self.init(
            listen: forward.listener.text, to: "\(target):\(forward.port)", network: forward.network
        )
    }
}
