/// The paths of the API, for the one who serves them and the one who asks.
///
/// | request | answer |
/// |---|---|
/// | `GET /v1/status` | `StatusReport` |
/// | `GET /v1/networks` | `NetworksReport` |
/// | `GET /v1/networks/{name}` | `NetworksReport` with one network |
/// | `POST /v1/networks/{name}/up` | the same, once the network is up |
/// | `POST /v1/networks/{name}/down` | the same, once the tunnel is being closed |
/// | `POST /v1/networks/{name}/unlock` | the same |
/// | `POST /v1/networks/{name}/secret`, the body is the secret | the same |
/// | `GET /v1/connections[?network={name}]` | `ConnectionsReport` |
/// | `POST /v1/reload` | `ReloadReport` |
///
/// Whatever goes wrong is an `ErrorReport` with a status of 400 or more.
public enum APIPath {
    /// Everything at a glance.
    public static let status = "/v1/status"

    /// All networks, and the stem of each one's path.
    public static let networks = "/v1/networks"

    /// The connections that are open now.
    public static let connections = "/v1/connections"

    /// Reads the configuration again.
    public static let reload = "/v1/reload"

    /// The query item of `connections` that names a network.
    public static let networkQuery = "network"

    /// What can be done to a network.
    public enum Verb: String, CaseIterable, Sendable {
        /// As they stand in the path.
        case up, down, unlock
    }

    /// Answers what a network asks for.
    public static func secret(_ name: String) -> String { "\(network(name))/\(secretWord)" }

    /// The last part of that path.
    public static let secretWord = "secret"

    /// Longest path with its query, in bytes. No request of ours comes near.
    public static let lengthMax = 512

    /// Largest body of a request, in bytes. Only a secret is read; more is refused rather than ignored.
    public static let bodyLengthMax = 4_096

    /// The path of one network.
    public static func network(_ name: String) -> String {
        "\(networks)/\(escape(name))"
    }

    /// The path that does something to a network.
    public static func network(_ name: String, _ verb: Verb) -> String {
        "\(network(name))/\(verb.rawValue)"
    }

    /// The connections of one network.
    public static func connections(of name: String) -> String {
        "\(connections)?\(networkQuery)=\(escape(name))"
    }

    /// Percent-encodes all but RFC 3986's unreserved characters: a name comes from a command line.
    private static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let isAlphanumeric =
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
            if isAlphanumeric || "-._~".utf8.contains(byte) {
                escaped.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}
