import Hummingbird
import NIOCore
import Reports
import Testing

@testable import controlplane

@Suite("API routes")
struct APIRouterTests {
    /// A request, the status and body of its answer, and what the operator was asked.
    struct Case: CustomTestStringConvertible, Sendable {
        let method: HTTPRequest.Method
        let uri: String
        let status: Int
        var sent = ""
        let body: String
        let calls: [String]

        var testDescription: String { "\(method.rawValue) \(uri)" }
    }

    private static let home = #"""
        {"connections":{"open":1,"opening":0,"parked":0},"gateway":"dvpn@203.0.113.7","masters":1,\#
        "name":"home","prefixes":["10.1.2.0/24"],"reason":"because",\#
        "since":"2026-01-02T03:04:05Z","state":"up","via":"ssh"}
        """#

    private static let work = home.replacing("home", with: "work")
        .replacing(#""up""#, with: #""locked""#)

    private static let nobody = #"""
        {"error":{"code":"unknown-network","fix":"`dvpnctl status` lists the networks",\#
        "text":"no network is called \"nobody\""},"schema":1}
        """#

    static let cases = [
        Case(
            method: .get, uri: "/v1/status", status: 200,
            body: #"""
                {"connections":{"open":2,"opening":0,"parked":0},\#
                "dataplane":{"connected":true,"counters":{"accepted":3},"pid":8},"health":[],\#
                "networks":[\#(home),\#(work)],"pid":7,"schema":1,\#
                "since":"2026-01-02T03:04:05Z","states":{"locked":1,"up":1},\#
                "version":"\#(Release.version)"}
                """#,
            calls: ["status"]),
        Case(
            method: .get, uri: "/v1/networks?limit=7", status: 200,
            body: #"{"networks":[\#(home),\#(work)],"schema":1}"#, calls: ["networks 7"]),
        Case(
            method: .get, uri: "/v1/networks?limit=7&begins=h%6F", status: 200,
            body: #"{"networks":[\#(home)],"schema":1}"#, calls: ["networks ho… 7"]),
        Case(
            method: .get, uri: "/v1/networks?begins=", status: 200,
            body: #"{"networks":[\#(home)],"schema":1}"#, calls: ["networks … -"]),
        Case(
            method: .get, uri: "/v1/status?limit=few", status: 400,
            body: #"""
                {"error":{"code":"bad-request","text":"\"few\" is not a number of networks"},\#
                "schema":1}
                """#,
            calls: []),
        Case(
            method: .get, uri: "/v1/networks", status: 200,
            body: #"{"networks":[\#(home),\#(work)],"schema":1}"#, calls: ["networks"]),
        Case(
            method: .get, uri: "/v1/networks/home", status: 200,
            body: #"{"networks":[\#(home)],"schema":1}"#, calls: ["network home"]),
        Case(
            method: .get, uri: "/v1/networks/nobody", status: 404, body: nobody,
            calls: ["network nobody"]),
        Case(
            method: .post, uri: "/v1/networks/home/up", status: 200,
            body: #"{"networks":[\#(home)],"schema":1}"#, calls: ["up home"]),
        Case(
            method: .post, uri: "/v1/networks/home/secret", status: 200, sent: "xauth-Secret",
            body: #"{"networks":[\#(home)],"schema":1}"#, calls: ["provide xauth-Secret home"]),
        Case(
            method: .post, uri: "/v1/networks/work/secret", status: 409, sent: "s",
            body:
                #"{"error":{"code":"not-asked","text":"work asks for nothing now"},"schema":1}"#,
            calls: ["provide s work"]),
        Case(
            method: .post, uri: "/v1/networks/home/down", status: 200,
            body: #"{"networks":[\#(home)],"schema":1}"#
                .replacing(#""up""#, with: #""draining""#),
            calls: ["down home"]),
        Case(
            method: .post, uri: "/v1/networks/work/unlock", status: 200,
            body: #"{"networks":[\#(work)],"schema":1}"#
                .replacing(#""locked""#, with: #""idle""#),
            calls: ["unlock work"]),
        Case(
            method: .post, uri: "/v1/networks/work/up", status: 409,
            body:
                #"{"error":{"code":"locked","fix":"unlock it","text":"work is locked"},"schema":1}"#,
            calls: ["up work"]),
        Case(
            method: .post, uri: "/v1/networks/nobody/down", status: 404, body: nobody,
            calls: ["down nobody"]),
        Case(
            method: .get, uri: "/v1/connections", status: 200,
            body: #"""
                {"connections":[{"age_ms":5,"bytes_in":6,"bytes_out":7,"connect_us":1100,\#
                "id":"18446744073709551615","network":"home","source":"192.0.2.1:5",\#
                "target":"10.1.2.3:80"}],"schema":1}
                """#,
            calls: ["connections -"]),
        Case(
            method: .get, uri: "/v1/connections?network=nobody", status: 404, body: nobody,
            calls: ["connections nobody"]),
        Case(
            method: .get, uri: "/v1/changes", status: 200,
            body: #"""
                {"added":["lab"],"changed":["home"],"removed":[],"schema":1,"settings":["lan"]}
                """#,
            calls: ["changes"]),
        Case(
            method: .post, uri: "/v1/reload", status: 422,
            body: #"""
                {"error":{"code":"configuration",\#
                "text":"dvpn.toml:1:1: error: no\n1 error\n"},"schema":1}
                """#,
            calls: ["reload"]),
        Case(
            method: .post, uri: "/v1/networks/home/release", status: 200,
            body: #"{"networks":[\#(home)],"schema":1}"#
                .replacing(#""up""#, with: #""released""#),
            calls: ["release home"]),
        Case(
            method: .post, uri: "/v1/networks/work/resume", status: 409,
            body:
                #"{"error":{"code":"not-released","text":"work is not released"},"schema":1}"#,
            calls: ["resume work"]),
        Case(
            method: .get, uri: "/v1/parked?network=home", status: 200,
            body: #"""
                {"parked":[{"asks":"Password","first":"tcp 192.0.2.1:5 → 10.1.2.3:80",\#
                "hold_ms":30000,"names":["www.home.example"],"network":"home","packets":2,\#
                "questions":1,"reason":"because",\#
                "since":"2026-01-02T03:04:05Z","state":"dialling"}],"schema":1}
                """#,
            calls: ["parked home"]),
        Case(
            method: .get, uri: "/v1/health", status: 200,
            body: #"""
                {"health":[{"code":"dataplane-away","fix":"start it","severity":"error",\#
                "text":"it is away"}],"schema":1}
                """#,
            calls: []),
        Case(
            method: .get, uri: "/v1/explain?target=x%3A1", status: 200,
            body: #"""
                {"schema":1,"steps":[{"from":"f","result":"ok","text":"t","what":"try"}],\#
                "target":"x:1"}
                """#,
            calls: ["explain x:1 false"]),
        Case(
            method: .post, uri: "/v1/explain/try?target=x%3A1", status: 200,
            body: #"""
                {"schema":1,"steps":[{"from":"f","result":"ok","text":"t","what":"try"}],\#
                "target":"x:1"}
                """#,
            calls: ["explain x:1 true"]),
        Case(
            method: .post, uri: "/v1/explain/try", status: 400,
            body: #"{"error":{"code":"bad-request","text":"`target` is missing"},"schema":1}"#,
            calls: []),
        // A browser may send its password with a GET that a foreign page's image asks for.
        Case(
            method: .get, uri: "/v1/explain?target=x%3A1&try=1", status: 400,
            body: #"""
                {"error":{"code":"bad-request","fix":"POST /v1/explain/try?target=HOST:PORT",\#
                "text":"nothing is tried by GET"},"schema":1}
                """#,
            calls: []),
        Case(
            method: .get, uri: "/v1/explain/try?target=x%3A1", status: 405,
            body: #"""
                {"error":{"code":"not-allowed","text":"there is no GET /v1/explain/try"},\#
                "schema":1}
                """#,
            calls: []),
        // Nothing changes by GET: a web page cannot make a browser do it.
        Case(
            method: .get, uri: "/v1/networks/home/up", status: 405,
            body: #"""
                {"error":{"code":"not-allowed","text":"there is no GET /v1/networks/home/up"},\#
                "schema":1}
                """#,
            calls: []),
        Case(
            method: .get, uri: "/v2/status", status: 404,
            body: #"{"error":{"code":"not-found","text":"there is no GET /v2/status"},"schema":1}"#,
            calls: []),
        Case(
            method: .get, uri: "/v1/networks/" + String(repeating: "x", count: 500), status: 413,
            body:
                #"{"error":{"code":"too-large","text":"the path is longer than 512 bytes"},"schema":1}"#,
            calls: []),
    ]

    @Test("answers", arguments: cases)
    func answer(_ example: Case) async throws {
        let fake = FakeOperator()
        let (response, body) = try await RouterClient(APIRouter.make(fake))
            .ask(example.method, example.uri, body: ByteBuffer(string: example.sent))
        #expect(response.status.code == example.status)
        #expect(String(buffer: body) == example.body)
        #expect(response.headers[.contentType] == "application/json")
        #expect(response.headers[.cacheControl] == "no-store")
        #expect(fake.calls == example.calls)
    }

    @Test("a body beyond the limit is refused before anything is done")
    func largeBody() async throws {
        let fake = FakeOperator()
        let (response, _) = try await RouterClient(APIRouter.make(fake)).ask(
            .post, "/v1/networks/home/down", body: ByteBuffer(repeating: 0x20, count: 4_097))
        #expect(response.status == .contentTooLarge)
        #expect(fake.calls.isEmpty)
    }

    @Test("every code has a status of its own kind", arguments: ProblemCode.allCases)
    func statuses(_ code: ProblemCode) {
        #expect(OperatorError(code, "x").httpStatus.code >= 400)
        #expect(OperatorError(code, "x").report.error.code == code.rawValue)
    }
}
