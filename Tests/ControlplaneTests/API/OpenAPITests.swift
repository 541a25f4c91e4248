import FoundationEssentials
import Reports
import Testing

@testable import controlplane

@Suite("OpenAPI")
struct OpenAPITests {
    /// A report with every key that it may have, and what the description calls it.
    private static let reports: [(String, any Encodable & Sendable)] = [
        ("Networks", NetworksReport(networks: [whole])),
        (
            "Status",
            StatusReport(
                pid: 1, since: time, dataplane: .init(connected: true, pid: 2, counters: ["a": 1]),
                networks: [whole], health: [finding])
        ),
        ("Health", FindingsReport(health: [finding])),
        ("Reload", reload),
        (
            "Events",
            EventsReport(events: [
                EventReport(
                    id: 1, at: time, event: "started", level: "notice", text: "t",
                    networks: ["a"], fields: ["pid": "1"])
            ])
        ),
        (
            "Explanation",
            ExplainReport(
                target: "h", steps: [.init("name", .ok, "t", from: "f", code: "c", fix: "f")])
        ),
        ("Doctor", DoctorReport(checks: [.init("c", .warning, "t", fix: "f")])),
        ("Error", OperatorError(.locked, "t", fix: "f").report),
    ]

    private static let time = FakeOperator.since

    private static let finding = HealthReport(code: "c", severity: .error, text: "t", fix: "f")

    private static let reload = {
        var report = ReloadReport(added: ["a"], removed: ["b"], changed: ["c"], settings: ["lan"])
        report.unlocked = ["d"]
        return report
    }()

    private static let whole = NetworkReport(
        name: "home", state: .up, since: time, reason: "r",
        lastError: .init(code: "c", text: "t", at: time), gateway: "g", via: "ssh",
        prefixes: ["10.1.2.0/24"], nextRetry: time, idleClosesAt: time,
        connections: .init(open: 1, opening: 2, parked: 3), masters: 1, device: "d", address: "a",
        keptUpBy: "k", asks: "q", heldDown: true, failed: true, bytesIn: 1, bytesOut: 2)

    @Test func `every key that a report may have is described, and no other`() async throws {
        let fake = FakeOperator()
        let asked: [(String, any Encodable & Sendable)] = [
            (
                "Connections",
                ConnectionsReport(connections: try await fake.connections(network: nil))
            ),
            ("Parked", ParkedReport(parked: try await fake.parked(network: nil))),
            ("Configuration", await fake.configurationReport()),
        ]
        for (name, report) in Self.reports + asked {
            let value = try Self.json(report)
            try Self.compare(value, .object(name), name)
        }
    }

    @Test func `the answer is the document in the repository`() throws {
        let path = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let file = try String(
            decoding: Data(contentsOf: URL(filePath: "/\(path)/docs/openapi.json")), as: UTF8.self)
        #expect(
            file == OpenAPI.text, "write what `GET /v1/openapi.json` answers into docs/openapi.json"
        )
        _ = try JSONDecoder().decode(Value.self, from: Data(OpenAPI.text.utf8))
    }

    @Test func `every answer that is described can be had, and those of any request by all`() throws
    {
        let document = try JSONDecoder().decode(Value.self, from: Data(OpenAPI.text.utf8))
        let described = try #require(document["components"]?["responses"]?.keys)
        #expect(Set(described) == Set(OpenAPI.problems.map { "\($0.status)" }))
        var referred: Set<String> = []
        let paths = try #require(document["paths"])
        for path in paths.keys {
            for method in paths[path]?.keys ?? [] {
                let answers = try #require(paths[path]?[method]?["responses"]?.keys)
                referred.formUnion(answers)
                // Too many may ask at once, whatever they ask.
                for status in ["400", "401", "403", "413", "500", "503"] {
                    #expect(answers.contains(status), "\(method) \(path)")
                }
            }
        }
        #expect(referred == Set(described).union(["200"]))
    }

    @Test func `every kind of problem has a status that is described`() {
        // That of another method is no operation's.
        let described = Set(OpenAPI.problems.map(\.status) + [405])
        let met = Set(ProblemCode.allCases.map { Int(OperatorError($0, "t").httpStatus.code) })
        #expect(met == described)
    }

    @Test func `every path is in the pages for people`() throws {
        let path = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let page = try String(
            decoding: Data(contentsOf: URL(filePath: "/\(path)/docs/api.md")), as: UTF8.self)
        for route in APIRoute.allCases {
            #expect(page.contains("`\(route.method.rawValue) \(route.path)"), "\(route)")
        }
        for code in ProblemCode.allCases { #expect(page.contains("`\(code.rawValue)`"), "\(code)") }
    }

    @Test(arguments: [
        ("/v1/networks", ["GET"]), ("/v1/networks/x", ["GET"]), ("/v1/networks/x/up", ["POST"]),
        ("/v1/networks/", []), ("/v1/networks/x/y", []), ("/v1", []), ("/metrics", ["GET"]),
        ("/v1/explain", ["GET"]), ("/v1/explain/try", ["POST"]),
    ])
    func `a path knows its methods`(path: String, methods: [String]) {
        #expect(APIRoute.methods(at: path).map(\.rawValue) == methods)
    }

    // MARK: - Comparing

    /// JSON as it comes.
    private enum Value: Decodable {
        case string(String), number(Double), boolean(Bool), list([Value]), object([String: Value])

        var keys: [String] {
            guard case .object(let values) = self else { return [] }
            return values.keys.sorted()
        }

        subscript(key: String) -> Value? {
            guard case .object(let values) = self else { return nil }
            return values[key]
        }

        init(from decoder: any Decoder) throws {
            let box = try decoder.singleValueContainer()
            if let value = try? box.decode(Bool.self) {
                self = .boolean(value)
            } else if let value = try? box.decode(Double.self) {
                self = .number(value)
            } else if let value = try? box.decode(String.self) {
                self = .string(value)
            } else if let value = try? box.decode([Value].self) {
                self = .list(value)
            } else {
                self = .object(try box.decode([String: Value].self))
            }
        }
    }

    private static func json(_ report: some Encodable) throws -> Value {
        try JSONDecoder().decode(Value.self, from: try ReportCoding.encode(report))
    }

    private static func compare(_ value: Value, _ shape: APIShape, _ place: String) throws {
        switch (shape, value) {
        case (.object(let name), .object(let keys)):
            let object = try #require(APIShape.Object.all.first { $0.name == name })
            #expect(Set(keys.keys) == Set(object.fields.map(\.name)), "\(place)")
            for field in object.fields {
                let inner = try #require(keys[field.name], "\(place).\(field.name)")
                try compare(inner, field.shape, "\(place).\(field.name)")
            }
        case (.list(let element), .list(let values)):
            for value in values { try compare(value, element, "\(place)[]") }
        case (.map(let element), .object(let values)):
            for (key, value) in values { try compare(value, element, "\(place).\(key)") }
        case (.words(let words), .string(let word)):
            #expect(words.contains(word), "\(place)")
        case (.string, .string), (.date, .string), (.name, .string), (.id, .string),
            (.target, .string), (.integer, .number), (.natural, .number), (.boolean, .boolean):
            break
        default:
            Issue.record("\(place) is \(value)")
        }
    }
}
