/// The connections of one network or of all.
public struct ConnectionsReport: Codable, Hashable, Sendable {
    public let schema: Int
    public let connections: [ConnectionReport]

    public init(connections: [ConnectionReport]) {
        schema = ReportSchema.version
        self.connections = connections
    }
}
