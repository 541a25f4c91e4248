internal import Protocol

/// `[web]`: the page, the API and the metrics over TCP; nil in a configuration without it.
struct WebSettings: Hashable, Sendable {
    /// A loopback address.
    let address: Address
    let family: Family
    let port: Int
    /// Where the token is that everybody must show.
    let token: Secret

    /// As in a URL: `127.0.0.1:9876`.
    var authority: String {
        family == .ipv4 ? "\(address.text(family)):\(port)" : "[\(address.text(family))]:\(port)"
    }

    /// The names by which a browser on this host calls it.
    var hosts: Set<String> { [authority, "localhost:\(port)"] }
}
