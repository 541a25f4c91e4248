internal import FoundationEssentials
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Reports

/// Asks the controlplane over its Unix socket: one connection for one request.
struct APIClient: Sendable {
    /// Asking changes nothing; telling does.
    enum Method: Sendable {
        case get
        case post

        fileprivate var http: HTTPMethod {
            switch self {
            case .get: .GET
            case .post: .POST
            }
        }
    }

    let path: String

    /// The report that the controlplane answers with, or why there is none.
    func ask<Report: Decodable>(
        _ type: Report.Type, _ method: Method, _ target: String, body: String? = nil,
        timeout: TimeAmount = .seconds(10)
    ) async throws(ClientError) -> Report {
        try await fetch(type, method, target, body: body, timeout: timeout).report
    }

    /// The same, with the bytes that it came in.
    func fetch<Report: Decodable>(
        _ type: Report.Type, _ method: Method, _ target: String, body: String? = nil,
        timeout: TimeAmount = .seconds(10)
    ) async throws(ClientError) -> Answer<Report> {
        let data = try await send(method, target, body: body, timeout: timeout)
        do {
            return Answer(report: try ReportCoding.decode(type, from: data), data: data)
        } catch {
            throw .badAnswer("\(error)")
        }
    }

    /// The body of the answer as it came.
    func send(
        _ method: Method, _ target: String, body: String? = nil,
        timeout: TimeAmount = .seconds(10)
    ) async throws(ClientError) -> Data {
        let answer = try await exchange(method, target, body, timeout: timeout)
        guard answer.status >= 400 else { return answer.body }
        guard let report = try? ReportCoding.decode(ErrorReport.self, from: answer.body) else {
            throw .badAnswer("status \(answer.status) without a reason")
        }
        throw .refused(report.error)
    }

    private func exchange(
        _ method: Method, _ target: String, _ body: String?, timeout: TimeAmount
    ) async throws(ClientError) -> HTTPExchange.Answer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let promise = loop.makePromise(of: HTTPExchange.Answer.self)
        do {
            let channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(
                            HTTPExchange(method.http, target, body, promise))
                    }
                }
                .connect(unixDomainSocketPath: path).get()
            let deadline = loop.scheduleTask(in: timeout) {
                promise.fail(HTTPExchange.Failure.timeout)
            }
            defer {
                deadline.cancel()
                channel.close(promise: nil)
            }
            return try await promise.futureResult.get()
        } catch {
            promise.fail(error)
            throw explain(error, timeout: timeout)
        }
    }

    func explain(_ error: any Error, timeout: TimeAmount) -> ClientError {
        switch error {
        case HTTPExchange.Failure.timeout:
            return .noAnswer(path: path, seconds: timeout.nanoseconds / 1_000_000_000)
        case HTTPExchange.Failure.closed:
            return .badAnswer("the connection was closed in the middle of it")
        case HTTPExchange.Failure.tooLarge:
            return .badAnswer("it is larger than \(HTTPExchange.bodyLengthMax >> 20) MiB")
        case let error as IOError:
            switch error.errnoCode {
            case ENOENT: return .notRunning(path: path, reason: "there is no socket")
            case ECONNREFUSED: return .notRunning(path: path, reason: "nobody listens")
            case ENOTDIR, ENOTSOCK: return .notRunning(path: path, reason: "it is not a socket")
            case EACCES, EPERM: return .notPermitted(path: path)
            default: return .badAnswer("\(error)")
            }
        case is SocketAddressError:
            return .notRunning(path: path, reason: "no socket can have so long a path")
        default:
            return .badAnswer("\(error)")
        }
    }
}
