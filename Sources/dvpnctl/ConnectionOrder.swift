internal import ArgumentParser
internal import Reports

/// In which order connections are listed: what is largest, or youngest, comes first.
enum ConnectionOrder: String, CaseIterable, ExpressibleByArgument {
    case age, bytes, client, connect, `in`, network, out, target

    /// Equal ones keep their order.
    func sort(_ connections: [ConnectionReport]) -> [ConnectionReport] {
        connections.enumerated().sorted { left, right in
            let (first, second) = (left.element, right.element)
            if comes(first, before: second) { return true }
            if comes(second, before: first) { return false }
            return left.offset < right.offset
        }.map(\.element)
    }

    private func comes(_ first: ConnectionReport, before second: ConnectionReport) -> Bool {
        switch self {
        case .age: first.ageMs < second.ageMs
        case .bytes: Self.sum(first) > Self.sum(second)
        case .client: first.source < second.source
        case .connect: first.connectUs > second.connectUs
        case .in: first.bytesIn > second.bytesIn
        case .network: first.network < second.network
        case .out: first.bytesOut > second.bytesOut
        case .target: first.target < second.target
        }
    }

    private static func sum(_ connection: ConnectionReport) -> UInt64 {
        connection.bytesIn.addingReportingOverflow(connection.bytesOut).partialValue
    }
}
