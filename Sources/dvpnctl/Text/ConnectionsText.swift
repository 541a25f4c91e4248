internal import Reports

/// Connections for people.
enum ConnectionsText {
    static func format(_ report: ConnectionsReport) -> String {
        guard !report.connections.isEmpty else { return "no connections\n" }
        let rows = report.connections.map { connection in
            [
                connection.id, connection.network, connection.source, connection.target,
                Quantity.age(seconds: Int(clamping: connection.ageMs / 1_000)),
                Quantity.microseconds(connection.connectUs), Quantity.bytes(connection.bytesIn),
                Quantity.bytes(connection.bytesOut),
            ]
        }
        return Table.format(
            ["ID", "NETWORK", "CLIENT", "TARGET", "AGE", "CONNECT", "IN", "OUT"], rows,
            rightAligned: [4, 5, 6, 7])
    }
}
