/// Some networks: all of them, or the one that was asked for.
public struct NetworksReport: Codable, Hashable, Sendable {
    public let schema: Int
    public let networks: [NetworkReport]

    public init(networks: [NetworkReport]) {
        schema = ReportSchema.version
        self.networks = networks
    }
}
