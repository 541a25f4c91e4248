internal import FoundationEssentials
internal import Reports

/// Reports as properties. Pure.
enum BusProperties {
    static func of(_ report: NetworkReport) -> [BusProperty] {
        [
            BusProperty("Name", .string(report.name)),
            BusProperty("State", .string(report.state.rawValue)),
            BusProperty("Since", .uint64(micros(report.since))),
            BusProperty("Reason", .string(report.reason)),
            BusProperty("Gateway", .string(report.gateway ?? "")),
            BusProperty("Address", .string(report.address ?? "")),
            BusProperty("Connections", count(report.connections.open)),
            BusProperty("Parked", count(report.connections.parked)),
            BusProperty("Asks", .string(report.asks ?? "")),
            BusProperty("RxBytes", .uint64(report.bytesIn ?? 0)),
            BusProperty("TxBytes", .uint64(report.bytesOut ?? 0)),
            BusProperty("IdleClosesAt", .uint64(report.idleClosesAt.map(micros) ?? 0)),
        ]
    }

    static func of(version: String, _ health: [HealthReport]) -> [BusProperty] {
        let findings = health.map { finding in
            BusValue.structure(
                [finding.code, finding.severity.rawValue, finding.text, finding.fix ?? ""]
                    .map(BusValue.string))
        }
        return [
            BusProperty("Version", .string(version)),
            BusProperty("Health", .array(of: "(ssss)", findings)),
        ]
    }

    /// Interfaces of an object with all their properties, as `a{sa{sv}}`.
    static func interfaces(_ name: String, _ properties: [BusProperty]) -> BusValue {
        .array(of: "{sa{sv}}", [.entry(.string(name), .properties(properties))])
    }

    private static func count(_ count: Int) -> BusValue { .uint32(UInt32(clamping: count)) }

    /// Whole milliseconds: the clock has no more.
    private static func micros(_ date: Date) -> UInt64 {
        UInt64(max(0, (date.timeIntervalSince1970 * 1_000).rounded())) * 1_000
    }
}
