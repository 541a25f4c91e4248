internal import FoundationEssentials

/// Who may ask over TCP, where any program and any page in a browser can knock. Pure.
///
/// - The `Host` must be ours: else a name that somebody lets point at this address (DNS rebinding)
///   would make his page one of ours.
/// - What changes something must not come from another page: browsers say where it comes from.
/// - The token must be there, as a bearer's or as a browser's password.
struct WebGate: Sendable {
    enum Verdict: Equatable, Sendable {
        case pass
        /// Another host's name; a page of another origin; no token, or a wrong one.
        case wrongHost, wrongOrigin, noToken, wrongToken
    }

    /// What matters of a request.
    struct Question: Sendable {
        var host: String?
        var origin: String?
        var fetchSite: String?
        var authorization: String?
        /// GET and HEAD change nothing.
        var isReading = true
    }

    /// `127.0.0.1:9876`, and other names of the same.
    let hosts: Set<String>
    /// `http`, or `https` with TLS.
    private let scheme: String
    private let token: [UInt8]

    init(hosts: Set<String>, scheme: String = "http", token: SecretValue) {
        self.hosts = hosts
        self.scheme = scheme
        self.token = token.bytes
    }

    func judge(_ question: Question) -> Verdict {
        guard let host = question.host?.lowercased(), hosts.contains(host) else {
            return .wrongHost
        }
        if !question.isReading {
            let sites: Set<String?> = [nil, "same-origin", "none"]
            guard question.origin == nil || question.origin == "\(scheme)://\(host)",
                sites.contains(question.fetchSite)
            else { return .wrongOrigin }
        }
        guard let authorization = question.authorization else { return .noToken }
        return isToken(authorization) ? .pass : .wrongToken
    }

    private func isToken(_ authorization: String) -> Bool {
        let words = authorization.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return false }
        switch words[0].lowercased() {
        case "bearer": return isEqual(Array(words[1].utf8))
        case "basic":
            guard let pair = Data(base64Encoded: String(words[1])).map(Array.init),
                let colon = pair.firstIndex(of: UInt8(ascii: ":"))
            else { return false }
            return isEqual(Array(pair[(colon + 1)...]))
        default: return false
        }
    }

    /// In a time that tells nothing about where the first difference is.
    private func isEqual(_ given: [UInt8]) -> Bool {
        var difference: UInt8 = given.count == token.count ? 0 : 1
        for (index, byte) in given.enumerated() {
            difference |= byte ^ token[index % token.count]
        }
        return difference == 0
    }
}
