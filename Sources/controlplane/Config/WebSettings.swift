internal import Protocol

/// `[web]`: the page, the API and the metrics over TCP; nil in a configuration without it.
struct WebSettings: Hashable, Sendable {
    /// What TLS needs: paths of PEM files.
    struct TLS: Hashable, Sendable {
        /// Ours first, then those between it and an authority.
        let certificate: String
        let key: String
    }

    /// Without TLS a loopback address.
    let address: Address
    let family: Family
    let port: Int
    /// Where the token is that everybody must show.
    let token: Secret
    var tls: TLS?
    /// What browsers may call it beside its address, in small letters.
    var names: [String] = []

    /// As in a URL: `127.0.0.1:9876`.
    var authority: String {
        family == .ipv4 ? "\(address.text(family)):\(port)" : "[\(address.text(family))]:\(port)"
    }

    var scheme: String { tls == nil ? "http" : "https" }

    /// The names by which a browser calls it.
    var hosts: Set<String> {
        let words = isLoopback ? ["localhost"] + names : names
        let named = Set(words.map { "\($0):\(port)" })
        // Browsers leave the usual port out.
        let isUsual = port == (tls == nil ? 80 : 443)
        return named.union(isUsual ? Set(words + [bare]) : []).union([authority])
    }

    private var bare: String { String(authority.dropLast(":\(port)".count)) }

    var isLoopback: Bool { Self.isLoopback(address, family) }

    static func isLoopback(_ address: Address, _ family: Family) -> Bool {
        address.text(family) == "::1" || family == .ipv4 && address.text(family).hasPrefix("127.")
    }
}
