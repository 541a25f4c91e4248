import Reports
import Testing

@testable import dvpnctl

@Suite("The order of connections")
struct ConnectionOrderTests {
    private static let connections = [
        connection("a", "work", "192.0.2.3:1", "10.0.0.1:1", connect: 5, age: 30, in: 10, out: 10),
        connection("b", "home", "192.0.2.1:1", "10.0.0.3:1", connect: 7, age: 10, in: 30, out: 1),
        connection("c", "work", "192.0.2.2:1", "10.0.0.2:1", connect: 6, age: 20, in: 20, out: 99),
    ]

    @Test(
        "each column has its own, and what is equal stays as it was",
        arguments: [
            (.age, "bca"), (.bytes, "cba"), (.client, "bca"), (.connect, "bca"), (.in, "bca"),
            (.network, "bac"), (.out, "cab"), (.target, "acb"),
        ] as [(ConnectionOrder, String)])
    func order(_ order: ConnectionOrder, _ ids: String) {
        #expect(order.sort(Self.connections).map(\.id).joined() == ids)
    }

    @Test("there is a case above for each column")
    func complete() {
        #expect(ConnectionOrder.allCases.count == 8)
    }

    private static func connection(
        _ id: String, _ network: String, _ source: String, _ target: String, connect: UInt64,
        age: UInt64, in bytesIn: UInt64, out bytesOut: UInt64
    ) -> ConnectionReport {
        ConnectionReport(
            id: id, network: network, source: source, target: target, connectUs: connect,
            ageMs: age, bytesIn: bytesIn, bytesOut: bytesOut)
    }
}
