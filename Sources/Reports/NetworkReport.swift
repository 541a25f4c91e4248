public import FoundationEssentials

/// One network: what it is, what state it is in, and why.
public struct NetworkReport: Codable, Hashable, Sendable {
    /// Where the network is in its life.
    public enum State: String, Codable, CaseIterable, Hashable, Sendable {
        /// No tunnel. The first packet dials.
        case idle
        /// A tunnel is being made; packets wait for it.
        case dialling
        /// The tunnel carries connections.
        case up
        /// About to close: connections are being finished, new ones wait for the next dial.
        case draining
        /// What the tunnel left on the host is being removed.
        case cleaning
        /// A dial failed. Packets are refused until `next_retry`; the first one after that dials.
        case holdoff
        /// Credentials were refused. Nothing is tried until they change or a person unlocks it.
        case locked
        /// Reached by the host's own routes (`via = "direct"`): there is nothing to dial.
        case routed
        /// An operator let it go (`dvpnctl release`): nothing of it is on the host before `resume`.
        case released
    }

    /// The last failure, which outlives the state it led to.
    public struct Failure: Codable, Hashable, Sendable {
        /// Stable, for programs: `authentication`, `host-key-changed`, `unreachable`, `refused`,
        /// `name-not-resolved` and others.
        public let code: String

        /// What failed, in words.
        public let text: String

        /// When it failed.
        public let at: Date

        /// A failure; `code` is for programs, `text` for people.
        public init(code: String, text: String, at: Date) {
            self.code = code
            self.text = text
            self.at = at
        }
    }

    /// Connections and packets of this network.
    public struct Connections: Codable, Hashable, Sendable {
        /// Both sides are joined.
        public let open: Int
        /// The far side has not answered yet.
        public let opening: Int
        /// Packets that wait for the tunnel.
        public let parked: Int

        /// Counts, none of which is negative.
        public init(open: Int, opening: Int, parked: Int) {
            self.open = open
            self.opening = opening
            self.parked = parked
        }
    }

    /// Unique, as in the configuration.
    public let name: String

    /// Where the network is in its life.
    public let state: State

    /// When it came into this state.
    public let since: Date

    /// What brought it into this state, in words: the packet that dialled, the failure, the operator.
    public let reason: String

    /// The last failure, even where it is over.
    public let lastError: Failure?

    /// `user@host`; absent where there is none.
    public let gateway: String?

    /// As in the configuration: `ssh`, `direct`.
    public let via: String

    /// In canonical form, such as `10.1.2.0/24`.
    public let prefixes: [String]

    /// When a network in `holdoff` may be dialled again, by the next packet.
    public let nextRetry: Date?

    /// When the tunnel closes if nothing is connected until then.
    public let idleClosesAt: Date?

    /// What goes through it now.
    public let connections: Connections

    /// ssh masters that carry the network now; absent where there are none by nature.
    public let masters: Int?

    /// The tunnel's network device while it is up; absent where it has none.
    public let device: String?

    /// Our address in the tunnel.
    public let address: String?

    /// What was in the tunnel last: `192.0.2.10:51000 → 10.66.0.10:22`.
    public let keptUpBy: String?

    /// What the dial waits for a person to tell: `Password for alice at vpn.example`.
    public let asks: String?

    /// True after `dvpnctl down`: nothing dials before `up`. Absent otherwise.
    public let heldDown: Bool?

    /// True from a dial that came to nothing to the next one that does not, whatever the state;
    /// `last_error` says why. Absent otherwise.
    public let failed: Bool?

    /// Bytes from the network: of its present device where the tunnel has one, else of its
    /// connections since the controlplane's start. Absent in a `StatusReport`.
    public let bytesIn: UInt64?

    /// Bytes to the network, counted likewise.
    public let bytesOut: UInt64?

    /// A network at one moment; the optional values only where they apply.
    public init(
        name: String, state: State, since: Date, reason: String, lastError: Failure? = nil,
        gateway: String? = nil, via: String, prefixes: [String], nextRetry: Date? = nil,
        idleClosesAt: Date? = nil, connections: Connections, masters: Int? = nil,
        device: String? = nil, address: String? = nil, keptUpBy: String? = nil,
        asks: String? = nil, heldDown: Bool? = nil, failed: Bool? = nil,
        bytesIn: UInt64? = nil, bytesOut: UInt64? = nil
    ) {
        self.name = name
        self.state = state
        self.since = since
        self.reason = reason
        self.lastError = lastError
        self.gateway = gateway
        self.via = via
        self.prefixes = prefixes
        self.nextRetry = nextRetry
        self.idleClosesAt = idleClosesAt
        self.connections = connections
        self.masters = masters
        self.device = device
        self.address = address
        self.keptUpBy = keptUpBy
        self.asks = asks
        self.heldDown = heldDown
        self.failed = failed
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
    }

    private enum CodingKeys: String, CodingKey {
        case asks, failed
        case name, state, since, reason, gateway, via, prefixes, connections, masters, device,
            address
        case lastError = "last_error"
        case nextRetry = "next_retry"
        case idleClosesAt = "idle_closes_at"
        case keptUpBy = "kept_up_by"
        case heldDown = "held_down"
        case bytesIn = "bytes_in"
        case bytesOut = "bytes_out"
    }
}
