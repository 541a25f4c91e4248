import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Testing

@testable import controlplane

@Suite("API socket")
struct APIServerTests {
    @Test("serves on its socket, with the mode that lets only the group in, and removes it")
    func serves() async throws {
        let directory = TestDirectory()
        let path = directory.path("api.sock")
        defer { withExtendedLifetime(directory) {} }
        try await withServer(path) {
            #expect(try FileMode.of(path) == 0o660)
            #expect(unsafe access(path + ".new", F_OK) != 0)
            let answer = try await ask(path, "GET /v1/status HTTP/1.1\r\nHost: dvpn\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("\"schema\":1"))
        }
        #expect(unsafe access(path, F_OK) != 0)
    }

    @Test("takes the place of a dead one")
    func stale() async throws {
        let directory = TestDirectory()
        let path = directory.path("api.sock")
        defer { withExtendedLifetime(directory) {} }
        // What a killed server leaves: a socket that nobody listens on.
        try #require(unsafe mknod(path, S_IFSOCK | 0o600, 0) == 0)
        try await withServer(path) {
            let answer = try await ask(path, "GET /v1/networks HTTP/1.1\r\nHost: dvpn\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("never takes the place of a live one")
    func live() async throws {
        let directory = TestDirectory()
        let path = directory.path("api.sock")
        defer { withExtendedLifetime(directory) {} }
        try await withServer(path) {
            let second = APIServer(path: path, service: FakeOperator(), logger: Self.logger)
            await #expect(
                throws: APISocket.Failure(
                    description: "another dvpn-controlplane answers at \(path)")
            ) { try await second.run() }
            let answer = try await ask(path, "GET /v1/status HTTP/1.1\r\nHost: dvpn\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test("a path that no socket can have is refused with its remedy")
    func long() async throws {
        let path = "/tmp/" + String(repeating: "x", count: 100) + "/api.sock"
        let server = APIServer(path: path, service: FakeOperator(), logger: Self.logger)
        await #expect(throws: APISocket.Failure.self) { try await server.run() }
    }

    // MARK: Helpers

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func withServer(_ path: String, _ body: () async throws -> Void) async throws {
        let server = APIServer(path: path, service: FakeOperator(), logger: Self.logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [server], logger: Self.logger))
        async let running: Void = group.run()
        for _ in 0..<500 where !FileMode.isPublished(path) {
            try await Task.sleep(for: .milliseconds(10))
        }
        try await body()
        await group.triggerGracefulShutdown()
        try await running
    }

    /// Sends a request and gives what comes back until a JSON body is whole.
    private func ask(_ path: String, _ request: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var text = ""
            for try await buffer in inbound {
                text += String(buffer: buffer)
                if text.contains("\r\n\r\n") && text.hasSuffix("}") { break }
            }
            return text
        }
    }
}
