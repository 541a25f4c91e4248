internal import FoundationEssentials
internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
internal import Logging
internal import NIOCore
internal import ServiceLifecycle

/// Serves page, API and metrics over TCP where `[web]` says so, and follows the configuration.
struct WebService: ServiceLifecycle.Service {
    let supervisor: Supervisor
    let logger: Logger

    /// Browsers keep several; more than these are refused.
    private static let connectionsMax = 256
    /// Until they are refused they wait in the kernel, which resets some where it has no room: it
    /// decides how much that is (net.core.somaxconn).
    private static let waitingMax = 16_384
    private static let idleTimeout = TimeAmount.seconds(60)
    /// From a failure, such as a port in use, to the next try.
    private static let pause = Duration.seconds(5)
    /// Shorter ones can be guessed.
    private static let tokenMin = 16

    func run() async {
        await cancelWhenGracefulShutdown {
            var server: Task<Void, Never>?
            var served: (settings: WebSettings, certificate: WebCertificate?)?
            for await settings in await supervisor.webSettings() {
                // A certificate is renewed in its file; nothing else is read again.
                let certificate = settings?.tls.flatMap { try? WebCertificate($0) }
                if let served, served.settings == settings, served.certificate == certificate {
                    continue
                }
                served = settings.map { ($0, certificate) }
                // One after the other: both may want the same port.
                server?.cancel()
                await server?.value
                server = settings.map { settings in Task { await serve(settings) } }
            }
            server?.cancel()
            await server?.value
        }
    }

    private func serve(_ settings: WebSettings) async {
        var told = ""
        while !Task.isCancelled {
            var text = ""
            do {
                try await application(settings).run()
            } catch let failure as Failure {
                text = failure.evidence.map { "\(failure.message): \($0)" } ?? failure.message
            } catch let error as IOError {
                text = ProcessError.text(error.errnoCode)
            } catch {
                text = "\(error)"
            }
            guard !Task.isCancelled else { return }
            if text != told {
                logger.error("the web page at \(settings.authority) is not there: \(text)")
            }
            told = text
            guard (try? await Task.sleep(for: Self.pause)) != nil else { return }
        }
    }

    private func application(_ settings: WebSettings) throws -> some ApplicationProtocol {
        let reader = SecretReader(
            credentialsDirectory: ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"])
        let request = SecretRequest(secret: settings.token, purpose: "token of the web page")
        guard let token = try reader.read(request), token.bytes.count >= Self.tokenMin else {
            throw Failure(
                .configuration,
                "the token in \(settings.token) is shorter than \(Self.tokenMin) characters; "
                    + "`openssl rand -hex 32` makes a good one")
        }
        var quiet = logger
        quiet.logLevel = .error
        let authority = settings.authority
        let (scheme, plain) = (
            settings.scheme,
            HTTPServerBuilder.limited(to: Self.connectionsMax, idle: Self.idleTimeout)
        )
        let server = try settings.tls.map { files in
            try HTTPServerBuilder.tls(
                plain, tlsConfiguration: try WebCertificate(files).configuration())
        }
        return Application(
            router: APIRouter.make(
                supervisor,
                gate: WebGate(hosts: settings.hosts, scheme: scheme, token: token)),
            server: server ?? plain,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.address.text(settings.family), port: settings.port),
                serverName: "dvpn", backlog: Self.waitingMax,
                availableConnectionsDelegate: .maximum(
                    HTTPServerBuilder.acceptedMax(Self.connectionsMax), logger: quiet)),
            onServerRunning: { _ in logger.notice("the web page is at \(scheme)://\(authority)/") },
            logger: quiet)
    }
}
