internal import CLinux
internal import Glibc
internal import NIOSSL

/// The certificate and key of `[web]`, as their files are now.
struct WebCertificate: Equatable, Sendable {
    private static let bytesMax = 256 << 10

    let chain: [UInt8]
    private let key: [UInt8]

    init(_ files: WebSettings.TLS) throws(Failure) {
        chain = try Self.read(files.certificate, isSecret: false)
        key = try Self.read(files.key, isSecret: true)
    }

    /// TLS 1.2 at least.
    func configuration() throws(Failure) -> TLSConfiguration {
        do {
            let certificates = try NIOSSLCertificate.fromPEMBytes(chain)
            let key = try NIOSSLPrivateKey(bytes: key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) },
                privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            // Whether the two belong together shows only here.
            _ = try NIOSSLContext(configuration: configuration)
            return configuration
        } catch {
            throw Failure(
                .configuration, "`certificate` and `key` in [web] must be PEM and belong together",
                evidence: "\(error)")
        }
    }

    private static func read(_ path: String, isSecret: Bool) throws(Failure) -> [UInt8] {
        let raw = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard raw >= 0 else {
            throw Failure(
                .configuration, "\(path) cannot be read", evidence: ProcessError.text(errno))
        }
        let file = Descriptor(adopting: raw)
        var status = cl_file()
        let result = unsafe cl_status_of(raw, &status)
        guard result == 0 else {
            throw Failure(
                .configuration, "\(path) cannot be looked at", evidence: ProcessError.text(-result))
        }
        if isSecret, let defect = SecretFile(status).defect(path, us: geteuid()) { throw defect }
        return LogFile.read(file, at: 0, bytesMax: bytesMax)
    }
}
