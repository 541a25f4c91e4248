public import FoundationEssentials

/// `GET /v1/parked`: the packets and the questions for names that wait for a tunnel, by network.
public struct ParkedReport: Codable, Hashable, Sendable {
    /// What waits for one network.
    public struct Network: Codable, Hashable, Sendable {
        /// The network's name.
        public let network: String

        /// What they wait for: where the network is in its life.
        public let state: NetworkReport.State

        /// What brought it into this state, in words.
        public let reason: String

        /// How many packets wait now; 0 where only questions do.
        public let packets: Int

        /// The packet that asked for the tunnel: `tcp 192.0.2.7:40122 → 10.1.2.3:80`. Absent where
        /// the controlplane started after it.
        public let first: String?

        /// When it did, or the first of the questions came.
        public let since: Date?

        /// A packet that has waited for so long is answered, in milliseconds.
        public let holdMs: Int

        /// What a person is to tell before the tunnel can be dialled.
        public let asks: String?

        /// How many questions for the network's names wait now.
        public let questions: Int

        /// What they ask for, each once: the first 20.
        public let names: [String]

        /// Takes the fields as they are.
        public init(
            network: String, state: NetworkReport.State, reason: String, packets: Int,
            first: String? = nil, since: Date? = nil, holdMs: Int, asks: String? = nil,
            questions: Int = 0, names: [String] = []
        ) {
            self.network = network
            self.state = state
            self.reason = reason
            self.packets = packets
            self.first = first
            self.since = since
            self.holdMs = holdMs
            self.asks = asks
            self.questions = questions
            self.names = names
        }

        private enum CodingKeys: String, CodingKey {
            case network, state, reason, packets, first, since, asks, questions, names
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
