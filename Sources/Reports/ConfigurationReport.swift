/// `GET /v1/configuration`: what is in force, completed with the defaults and without secrets.
public struct ConfigurationReport: Codable, Hashable, Sendable {
    /// `[limits]`: how much one network may take.
    public struct Limits: Codable, Hashable, Sendable {
        /// Connections at once, those being opened included.
        public let connections: Int
        /// Connections whose far side has not answered yet.
        public let halfOpen: Int
        /// The same for one client address.
        public let halfOpenPerSource: Int

        /// Takes the fields as they are.
        public init(connections: Int, halfOpen: Int, halfOpenPerSource: Int) {
            self.connections = connections
            self.halfOpen = halfOpen
            self.halfOpenPerSource = halfOpenPerSource
        }

        private enum CodingKeys: String, CodingKey {
            case connections
            case halfOpen = "half_open"
            case halfOpenPerSource = "half_open_per_source"
        }
    }

    /// `[dns]`: how private names get to programs.
    public struct DNS: Codable, Hashable, Sendable {
        /// `none`, `managed`, `drop-in` or `dbus`.
        public let mode: String
        /// `none`, `dnsmasq` or `resolved`.
        public let host: String
        /// Addresses on which an own dnsmasq answers, and its port.
        public let listen: [String]
        /// Its port.
        public let port: Int
        /// Whom it asks for public names; empty: those of resolv.conf.
        public let upstream: [String]

        /// Takes the fields as they are.
        public init(
            mode: String, host: String, listen: [String], port: Int, upstream: [String]
        ) {
            self.mode = mode
            self.host = host
            self.listen = listen
            self.port = port
            self.upstream = upstream
        }
    }

    /// `[web]`: page and API over TCP.
    public struct Web: Codable, Hashable, Sendable {
        /// Address and port.
        public let listen: String
        /// Whether it speaks TLS.
        public let tls: Bool
        /// Where the token is.
        public let token: String

        /// Takes the fields as they are.
        public init(listen: String, tls: Bool, token: String) {
            self.listen = listen
            self.tls = tls
            self.token = token
        }
    }

    /// A `[[network]]`.
    public struct Network: Codable, Hashable, Sendable {
        /// Unique.
        public let name: String
        /// Where it is configured: `FILE:LINE:COLUMN`.
        public let source: String
        /// In canonical form; those that the gateway pushed are among them.
        public let prefixes: [String]
        /// `ssh`, `vpnc`, `openconnect`, `command` or `direct`.
        public let via: String
        /// Of a command: its program, without the arguments, which may have secrets in them.
        public let program: String?
        /// Where the tunnel goes to.
        public let gateway: String?
        /// `truthful` or `eager`.
        public let connect: String
        /// Without use for so long the tunnel closes, in milliseconds; absent: never.
        public let idleMs: Int?
        /// How long a packet may wait, in milliseconds.
        public let holdMs: Int
        /// The tunnel's device.
        public let device: String?
        /// Names that are looked up in the network.
        public let domains: [String]
        /// Its name servers; empty: those that the gateway pushes.
        public let nameServers: [String]
        /// By key of the file: where each secret comes from.
        public let secrets: [String: String]
        /// True while it is released.
        public let released: Bool?

        /// Takes the fields as they are.
        public init(
            name: String, source: String, prefixes: [String], via: String, program: String?,
            gateway: String?, connect: String, idleMs: Int?, holdMs: Int, device: String?,
            domains: [String], nameServers: [String], secrets: [String: String], released: Bool?
        ) {
            self.name = name
            self.source = source
            self.prefixes = prefixes
            self.via = via
            self.program = program
            self.gateway = gateway
            self.connect = connect
            self.idleMs = idleMs
            self.holdMs = holdMs
            self.device = device
            self.domains = domains
            self.nameServers = nameServers
            self.secrets = secrets
            self.released = released
        }

        private enum CodingKeys: String, CodingKey {
            case name, source, prefixes, via, program, gateway, connect, device, domains, secrets,
                released
            case idleMs = "idle_ms"
            case holdMs = "hold_ms"
            case nameServers = "name_servers"
        }
    }

    /// A `[[map]]`.
    public struct Map: Codable, Hashable, Sendable {
        /// The hosts file.
        public let file: String
        /// Where it is configured.
        public let source: String
        /// How many networks its lines make.
        public let networks: Int

        /// Takes the fields as they are.
        public init(file: String, source: String, networks: Int) {
            self.file = file
            self.source = source
            self.networks = networks
        }
    }

    /// A `[[forward]]`.
    public struct Forward: Codable, Hashable, Sendable {
        /// Address and port, or a path.
        public let listen: String
        /// Host and port that it reaches.
        public let to: String
        /// In which network.
        public let network: String

        /// Takes the fields as they are.
        public init(listen: String, to: String, network: String) {
            self.listen = listen
            self.to = to
            self.network = network
        }
    }

    /// The promise that the report keeps: `ReportSchema`.
    public let schema: Int

    /// The files that were read, without those of maps.
    public let files: [String]
    /// Interfaces whose forwarded traffic is served.
    public let lan: [String]
    /// Whether what they send to the rest of the world gets this host's address.
    public let masquerade: Bool
    /// How long a packet may wait, in milliseconds.
    public let holdMs: Int
    /// How much one network may take.
    public let limits: Limits
    /// How private names get to programs.
    public let dns: DNS
    /// Absent where there is no web page.
    public let web: Web?
    /// In the order of the files; those of maps are counted there.
    public let networks: [Network]
    /// In the order of the files.
    public let maps: [Map]
    /// In the order of the files.
    public let forwards: [Forward]
    /// What a person should know about the files.
    public let notices: [String]

    /// A report of this version's schema.
    public init(
        files: [String], lan: [String], masquerade: Bool, holdMs: Int, limits: Limits, dns: DNS,
        web: Web?, networks: [Network], maps: [Map], forwards: [Forward], notices: [String]
    ) {
        schema = ReportSchema.version
        self.files = files
        self.lan = lan
        self.masquerade = masquerade
        self.holdMs = holdMs
        self.limits = limits
        self.dns = dns
        self.web = web
        self.networks = networks
        self.maps = maps
        self.forwards = forwards
        self.notices = notices
    }

    private enum CodingKeys: String, CodingKey {
        case schema, files, lan, masquerade, limits, dns, web, networks, maps, forwards, notices
        case holdMs = "hold_ms"
    }
}
