/// One connection that the dataplane carries now.
public struct ConnectionReport: Codable, Hashable, Sendable {
    /// Names the connection for as long as it lives. A string, because JSON's numbers end at 2^53.
    public let id: String

    /// The name of the network that it goes to.
    public let network: String

    /// The client: `address:port`, an IPv6 address in brackets.
    public let source: String

    /// Where the client wanted to go, in the same form.
    public let target: String

    /// How long the far side took to answer, in microseconds.
    public let connectUs: UInt64

    /// Time since the far side answered, in milliseconds.
    public let ageMs: UInt64

    /// Bytes from the far side to the client.
    public let bytesIn: UInt64

    /// Bytes from the client to the far side.
    public let bytesOut: UInt64

    /// A connection as the dataplane lists it.
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
