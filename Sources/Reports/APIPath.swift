/// The paths of the API, for the one who serves them and the one who asks.
///
/// docs/api.md is for people, `GET /v1/openapi.json` for programs.
///
/// | request | answer |
/// |---|---|
/// | `GET /v1/status[?limit={n}]` | `StatusReport` |
/// | `GET /v1/networks[?limit={n}][&begins={text}]` | `NetworksReport` |
/// | `GET /v1/networks/{name}` | `NetworksReport` with one network |
/// | `POST /v1/networks/{name}/up` | the same, once the network is up |
/// | `POST /v1/networks/{name}/down` | the same, once the tunnel is being closed |
/// | `POST /v1/networks/{name}/unlock` | the same |
/// | `POST /v1/networks/{name}/secret`, the body is the secret | the same |
/// | `POST /v1/networks/{name}/release` | the same: the host's own routes lead there now |
/// | `POST /v1/networks/{name}/resume` | the same |
/// | `POST /v1/networks/{name}/refuse` | the same, once the dial that asked has ended |
/// | `GET /v1/connections[?network={name}]` | `ConnectionsReport` |
/// | `POST /v1/connections/{id}/kill` | `ConnectionsReport` with that connection, as it was |
/// | `GET /v1/parked[?network={name}]` | `ParkedReport`: what waits for a tunnel |
/// | `GET /v1/health` | `FindingsReport` |
/// | `GET /v1/configuration` | `ConfigurationReport` |
/// | `GET /v1/events[?after={id}]` | `EventsReport`: what happened of late |
/// | `GET /v1/events/stream[?after={id}]` | the same as it happens: server-sent events |
/// | `POST /v1/reload` | `ReloadReport` |
/// | `GET /v1/changes` | the same: what a reload would change |
/// | `GET /v1/explain?target={host[:port]}` | `ExplainReport` |
/// | `POST /v1/explain/try?target={host:port}` | the same, of a connection that was made |
/// | `GET /v1/doctor` | `DoctorReport` |
/// | `GET /v1/openapi.json` | all of this for programs |
/// | `GET /metrics` | Prometheus' text format |
///
/// Whatever goes wrong is an `ErrorReport` with a status of 400 or more.
public enum APIPath {
    /// Everything at a glance.
    public static let status = "/v1/status"

    /// All networks, and the stem of each one's path.
    public static let networks = "/v1/networks"

    /// The connections that are open now.
    public static let connections = "/v1/connections"

    /// The query item of `status` and `networks`: at most so many networks, those that need a person
    /// first, then those in use.
    public static let limitQuery = "limit"
    /// Everything at a glance, with at most so many networks.
    public static func status(limit: Int) -> String { "\(status)?\(limitQuery)=\(limit)" }
    /// At most so many networks.
    public static func networks(limit: Int) -> String { "\(networks)?\(limitQuery)=\(limit)" }
    /// At most so many of those whose names begin with this.
    public static func networks(beginning start: String, limit: Int) -> String {
        "\(networks(limit: limit))&\(beginsQuery)=\(escape(start))"
    }

    /// The query item of `networks` for the names that somebody has begun to type.
    public static let beginsQuery = "begins"

    /// What waits for a tunnel now.
    public static let parked = "/v1/parked"

    /// What a person should know about.
    public static let health = "/v1/health"

    /// What is in force, without secrets.
    public static let configuration = "/v1/configuration"

    /// The API in words of OpenAPI 3.1.
    public static let openAPI = "/v1/openapi.json"

    /// What reading the configuration again would change.
    public static let changes = "/v1/changes"

    /// Reads the configuration again.
    public static let reload = "/v1/reload"

    /// What happened, and as it happens.
    public static let events = "/v1/events"
    /// The same as it happens.
    public static let eventStream = "/v1/events/stream"

    /// `path` with the number of the event after which to begin.
    public static func events(after id: UInt64, of path: String = events) -> String {
        "\(path)?\(afterQuery)=\(id)"
    }

    /// Ends one connection.
    public static func kill(_ id: String) -> String { "\(connections)/\(escape(id))/\(killWord)" }

    /// The last part of `kill`.
    public static let killWord = "kill"

    /// The query item of `events` after which number to begin.
    public static let afterQuery = "after"
    /// The header with the same, of an EventSource that comes again.
    public static let afterHeader = "Last-Event-ID"

    /// What would happen to a connection. Nothing is changed.
    public static let explain = "/v1/explain"
    /// The same of a connection that is made, which may dial.
    public static let explainTry = "/v1/explain/try"
    /// The query item of both that names the target.
    public static let targetQuery = "target"
    /// A query item that `explain` refuses, since it asks for `explainTry`.
    public static let tryQuery = "try"

    /// The explanation of a connection to `target`: to be asked for with POST if `tries`.
    public static func explain(_ target: String, tries: Bool) -> String {
        "\(tries ? explainTry : explain)?\(targetQuery)=\(escape(target))"
    }

    /// What keeps dvpn from working well.
    public static let doctor = "/v1/doctor"

    /// What Prometheus collects; where it looks unless it is told otherwise.
    public static let metrics = "/metrics"

    /// The query item of `connections` and `parked` that names a network.
    public static let networkQuery = "network"

    /// What can be done to a network.
    public enum Verb: String, CaseIterable, Sendable {
        /// As they stand in the path.
        case up, down, unlock, release, resume, refuse
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

    /// What waits for the tunnel of one network.
    public static func parked(of name: String) -> String {
        "\(parked)?\(networkQuery)=\(escape(name))"
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
