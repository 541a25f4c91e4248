public import FoundationEssentials

/// `GET /v1/parked`: the packets that wait for a tunnel, by network.
public struct ParkedReport: Codable, Hashable, Sendable {
    /// What waits for one network.
    public struct Network: Codable, Hashable, Sendable {
        /// The network's name.
        public let network: String

        /// What the packets wait for: where the network is in its life.
        public let state: NetworkReport.State

        /// What brought it into this state, in words.
        public let reason: String

        /// How many wait now; at least 1.
        public let packets: Int

        /// The packet that asked for the tunnel: `tcp 192.0.2.7:40122 → 10.1.2.3:80`. Absent where
        /// the controlplane started after it.
        public let first: String?

        /// When it did.
        public let since: Date?

        /// A packet that has waited for so long is answered, in milliseconds.
        public let holdMs: Int

        /// What a person is to tell before the tunnel can be dialled.
        public let asks: String?

        /// Takes the fields as they are.
        public init(
            network: String, state: NetworkReport.State, reason: String, packets: Int,
            first: String? = nil, since: Date? = nil, holdMs: Int, asks: String? = nil
        ) {
            self.network = network
            self.state = state
            self.reason = reason
            self.packets = packets
            self.first = first
            self.since = since
            self.holdMs = holdMs
            self.asks = asks
        }

        private enum CodingKeys: String, CodingKey {
            case network, state, reason, packets, first, since, asks
            case holdMs = "hold_ms"
        }
    }

    /// The promise that the report keeps: `ReportSchema`.
    public let schema: Int

    /// By name; only networks for which something waits.
    public let parked: [Network]

    /// A report of this version's schema.
    public init(parked: [Network]) {
        schema = ReportSchema.version
        self.parked = parked
    }
}
