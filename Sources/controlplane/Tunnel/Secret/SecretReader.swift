internal import CLinux
internal import Glibc

/// Fetches secrets from where the configuration says they are.
struct SecretReader: Sendable {
    /// Longer than any password; a file that is longer is another one than was meant.
    static let bytesMax = 1_024

    /// systemd's $CREDENTIALS_DIRECTORY (systemd.exec(5)); nil where it gave us none.
    let credentialsDirectory: String?

    /// The secret, or what is wrong with its place. `.ask` has no place: nil.
    func read(_ request: SecretRequest) throws(Failure) -> SecretValue? {
        switch request.secret {
        case .ask:
            return nil
        case .credential(let name):
            guard let path = place(ofCredential: name), Self.isThere(path) else {
                throw Failure(
                    .configuration,
                    "credential \(name), which is to be the \(request.purpose), is not there; "
                        + "LoadCredential= in a drop-in of dvpn-controlplane.service gives it")
            }
            // systemd made the file for us alone; the mode shows an access list's mask, if any.
            return try read(path, request.purpose, checked: false)
        case .file(let path):
            return try read(path, request.purpose, checked: true)
        }
    }

    /// Why a person must be asked for a secret that has a place: it is not there. nil where it is,
    /// and where a person is to be asked anyway.
    func absence(of secret: Secret) -> String? {
        switch secret {
        case .ask:
            return nil
        case .file(let path):
            return Self.isThere(path) ? nil : "\(path) is not there"
        case .credential(let name):
            if let path = place(ofCredential: name), Self.isThere(path) { return nil }
            return "credential \(name) is not there: LoadCredential= gives it"
        }
    }

    private func place(ofCredential name: String) -> String? {
        credentialsDirectory.map { "\($0)/\(name)" }
    }

    /// What cannot be looked at counts as there: reading it says why.
    private static func isThere(_ path: String) -> Bool {
        unsafe access(path, F_OK) == 0 || errno != ENOENT
    }

    private func read(
        _ path: String, _ purpose: String, checked: Bool
    ) throws(Failure) -> SecretValue {
        let raw = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard raw >= 0 else {
            if errno == ENOENT {
                throw Failure(
                    .configuration,
                    "\(path), which is to hold the \(purpose), is not there; write it: "
                        + "(umask 077; cat >\(path)); until then a person is asked at each dial")
            }
            throw Failure(
                .configuration, "the \(purpose) cannot be read from \(path)",
                evidence: ProcessError.text(errno))
        }
        let file = Descriptor(adopting: raw)
        var status = cl_file()
        let result = unsafe cl_status_of(raw, &status)
        guard result == 0 else {
            throw Failure(
                .configuration, "\(path) cannot be looked at", evidence: ProcessError.text(-result))
        }
        if checked, let failure = SecretFile(status).defect(path, us: geteuid()) { throw failure }
        let bytes = LogFile.read(file, at: 0, bytesMax: Self.bytesMax + 3)
        let value = SecretValue(line: bytes)
        guard !value.bytes.isEmpty else {
            throw Failure(.configuration, "\(path) is empty; it must hold the \(purpose)")
        }
        guard value.bytes.count <= Self.bytesMax else {
            throw Failure(
                .configuration,
                "\(path) is longer than \(Self.bytesMax) bytes; it must hold the \(purpose) "
                    + "and nothing else")
        }
        return value
    }
}
