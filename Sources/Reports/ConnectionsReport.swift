/// The connections of one network or of all.
public struct ConnectionsReport: Codable, Hashable, Sendable {
    /// The promise that the report keeps: `ReportSchema`.
    public let schema: Int

    /// In no particular order.
    public let connections: [ConnectionReport]

    /// A report of this version's schema.
    public init(connections: [ConnectionReport]) {
        schema = ReportSchema.version
        self.connections = connections
    }
}
