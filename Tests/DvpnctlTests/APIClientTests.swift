import FoundationEssentials
import Glibc
import NIOCore
import Reports
import Testing

@testable import dvpnctl

@Suite("API client")
struct APIClientTests {
    @Test("asks in HTTP/1.1 and reads the report")
    func asks() async throws {
        let body = #"{"schema":1,"networks":[]}"#
        try await withServer("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        {
            client, server in
            let report = try await client.ask(NetworksReport.self, .get, APIPath.networks)
            #expect(report == NetworksReport(networks: []))
            let request = server.request
            #expect(request.hasPrefix("GET /v1/networks HTTP/1.1\r\n"))
            #expect(request.contains("\r\nHost: dvpn\r\n"))
        }
    }

    @Test("tells with POST, and reads an answer in chunks")
    func chunks() async throws {
        let chunks = "c\r\n{\"schema\":1,\r\ne\r\n\"networks\":[]}\r\n0\r\n\r\n"
        try await withServer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\(chunks)") {
            client, server in
            let path = APIPath.network("home", .up)
            _ = try await client.ask(NetworksReport.self, .post, path)
            #expect(server.request.hasPrefix("POST /v1/networks/home/up HTTP/1.1\r\n"))
        }
    }

    @Test("an error's report is an error, whatever its status")
    func refused() async throws {
        let body = #"{"error":{"code":"locked","fix":"f","text":"t"},"schema":1}"#
        try await withServer(
            "HTTP/1.1 409 Conflict\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        ) {
            client, _ in
            let problem = ErrorReport.Problem(code: "locked", text: "t", fix: "f")
            await #expect(throws: ClientError.refused(problem)) {
                _ = try await client.send(.post, "/")
            }
        }
    }

    @Test("an error without a report")
    func bare() async throws {
        try await withServer("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") { client, _ in
            await #expect(throws: ClientError.badAnswer("status 502 without a reason")) {
                _ = try await client.send(.get, "/")
            }
        }
    }

    @Test(
        "half an answer, and none at all",
        arguments: ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "", "SSH-2.0-OpenSSH\r\n"])
    func half(_ answer: String) async throws {
        try await withServer(answer, closes: true) { client, _ in
            do throws(ClientError) {
                _ = try await client.send(.get, "/")
                Issue.record("an answer")
            } catch {
                guard case .badAnswer = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }

    @Test("a server that says nothing is left after the time-out")
    func silence() async throws {
        try await withServer("") { client, _ in
            await #expect(throws: ClientError.noAnswer(path: client.path, seconds: 0)) {
                _ = try await client.send(.get, "/", timeout: .milliseconds(200))
            }
        }
    }

    @Test("no socket, a dead socket, and a file that is none")
    func notRunning() async throws {
        let root = try CannedServer.temporaryDirectory()
        let client = APIClient(path: root + "/api.sock")
        defer {
            _ = unsafe unlink(client.path)
            _ = unsafe rmdir(root)
        }
        await expectNotRunning(client, "there is no socket")
        try #require(unsafe mknod(client.path, S_IFSOCK | 0o600, 0) == 0)
        await expectNotRunning(client, "nobody listens")
        let long = APIClient(path: "/tmp/" + String(repeating: "x", count: 200))
        await expectNotRunning(long, "no socket can have so long a path")
    }

    private func expectNotRunning(_ client: APIClient, _ reason: String) async {
        await #expect(throws: ClientError.notRunning(path: client.path, reason: reason)) {
            _ = try await client.send(.get, "/")
        }
    }

    private func withServer(
        _ answer: String, closes: Bool = false,
        _ body: (APIClient, CannedServer) async throws -> Void
    ) async throws {
        let server = try await CannedServer(answer, closes: closes)
        do {
            try await body(APIClient(path: server.path), server)
        } catch {
            await server.end()
            throw error
        }
        await server.end()
    }
}
