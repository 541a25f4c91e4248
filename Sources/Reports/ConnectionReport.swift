/// One connection that the dataplane carries now.
public struct ConnectionReport: Codable, Hashable, Sendable {
    /// Names the connection for as long as it lives. A string, because JSON's numbers end at 2^53.
    public let id: String
    public let network: String

    /// `address:port`, IPv6 addresses in brackets: the client, and where it wanted to go.
    public let source: String
    public let target: String

    /// How long the far side took to answer, in microseconds.
    public let connectUs: UInt64
    public let ageMs: UInt64

    /// Bytes from the far side to the client, and from the client to the far side.
    public let bytesIn: UInt64
    public let bytesOut: UInt64

    public init(
        id: String, network: String, source: String, target: String, connectUs: UInt64,
        ageMs: UInt64, bytesIn: UInt64, bytesOut: UInt64
    ) {
        self.id = id
        self.network = network
        self.source = source
        self.target = target
        self.connectUs = connectUs
        self.ageMs = ageMs
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
    }

    private enum CodingKeys: String, CodingKey {
        case id, network, source, target
        case connectUs = "connect_us"
        case ageMs = "age_ms"
        case bytesIn = "bytes_in"
        case bytesOut = "bytes_out"
    }
}
