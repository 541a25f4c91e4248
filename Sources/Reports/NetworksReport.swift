/// Some networks: all of them, or the one that was asked for.
public struct NetworksReport: Codable, Hashable, Sendable {
    /// The promise that the report keeps: `ReportSchema`.
    public let schema: Int

    /// In the order of the configuration.
    public let networks: [NetworkReport]

    /// A report of this version's schema.
    public init(networks: [NetworkReport]) {
        schema = ReportSchema.version
        self.networks = networks
    }
}
