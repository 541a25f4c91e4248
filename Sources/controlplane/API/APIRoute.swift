internal import HTTPTypes
internal import Reports

/// Everything that can be asked: the router serves these, and `OpenAPI` describes them.
enum APIRoute: CaseIterable, Sendable {
    case status, networks, network, up, down, unlock, release, resume, refuse, secret
    case connections, kill, parked, health, configuration, changes, reload
    case events, eventStream, explain, explainTry, doctor, openAPI, metrics

    /// What a request may have beside its path.
    struct Parameter: Sendable {
        /// As OpenAPI calls it.
        enum Place: String, Sendable {
            case path, query, header
        }

        let name: String
        let place: Place
        var isRequired = false
        let shape: APIShape
        let text: String
    }

    /// What a request is answered with when all went well.
    enum Answer: Sendable {
        case report(String)
        case events, document, text
    }

    var method: HTTPRequest.Method {
        switch self {
        case .up, .down, .unlock, .release, .resume, .refuse, .secret, .kill, .reload, .explainTry:
            .post
        case .status, .networks, .network, .connections, .parked, .health, .configuration, .changes,
            .events, .eventStream, .explain, .doctor, .openAPI, .metrics:
            .get
        }
    }

    /// With its parameters in braces, as OpenAPI and the router write them.
    var path: String {
        let network = "\(APIPath.networks)/{name}"
        return switch self {
        case .status: APIPath.status
        case .networks: APIPath.networks
        case .network: network
        case .up, .down, .unlock, .release, .resume, .refuse: "\(network)/\(self)"
        case .secret: "\(network)/\(APIPath.secretWord)"
        case .connections: APIPath.connections
        case .kill: "\(APIPath.connections)/{id}/\(APIPath.killWord)"
        case .parked: APIPath.parked
        case .health: APIPath.health
        case .configuration: APIPath.configuration
        case .changes: APIPath.changes
        case .reload: APIPath.reload
        case .events: APIPath.events
        case .eventStream: APIPath.eventStream
        case .explain: APIPath.explain
        case .explainTry: APIPath.explainTry
        case .doctor: APIPath.doctor
        case .openAPI: APIPath.openAPI
        case .metrics: APIPath.metrics
        }
    }

    var summary: String {
        switch self {
        case .status: "Everything at a glance."
        case .networks: "All networks, in the order of the configuration."
        case .network: "One network."
        case .up: "Dials, and answers when the network is up or asks for something."
        case .down: "Closes the tunnel; nothing dials it before `up`."
        case .unlock: "Lets a network be dialled again whose credentials were refused."
        case .release: "Takes the network from the host, whose own routes lead there then."
        case .resume: "Takes a released network back."
        case .refuse: "Says that there will be no answer to what the network asks for."
        case .secret: "Answers what the network asks for."
        case .connections: "The connections that are open now."
        case .kill: "Ends a connection with a reset to both sides."
        case .parked: "What waits for a tunnel now."
        case .health: "What a person should know about."
        case .configuration: "What is in force, without secrets."
        case .changes: "What a reload would change."
        case .reload: "Reads the files again and changes what is different."
        case .events: "What happened of late."
        case .eventStream: "The same as it happens: server-sent events."
        case .explain: "What happens to a connection, step by step."
        case .explainTry: "The same of a connection that is made, which may dial."
        case .doctor: "What keeps dvpn from working well on this host."
        case .openAPI: "This description."
        case .metrics: "What Prometheus collects."
        }
    }

    var parameters: [Parameter] {
        switch self {
        case .network, .up, .down, .unlock, .release, .resume, .refuse, .secret:
            [
                Parameter(
                    name: "name", place: .path, isRequired: true, shape: .name, text: "Its name.")
            ]
        case .kill:
            [Parameter(name: "id", place: .path, isRequired: true, shape: .id, text: "Its `id`.")]
        case .connections, .parked:
            [
                Parameter(
                    name: APIPath.networkQuery, place: .query, shape: .name,
                    text: "Only this network's.")
            ]
        case .events, .eventStream:
            [
                Parameter(
                    name: APIPath.afterQuery, place: .query, shape: .natural,
                    text: "Only events with a greater number."),
                Parameter(
                    name: APIPath.afterHeader, place: .header, shape: .natural,
                    text:
                        "The same, as browsers say it that come again; it counts if both are there."
                ),
            ]
        case .explain:
            [
                Parameter(
                    name: APIPath.targetQuery, place: .query, isRequired: true, shape: .target,
                    text: "A host, with or without a port.")
            ]
        case .explainTry:
            [
                Parameter(
                    name: APIPath.targetQuery, place: .query, isRequired: true, shape: .target,
                    text: "A host with a port.")
            ]
        case .status:
            [limit]
        case .networks:
            [
                limit,
                Parameter(
                    name: APIPath.beginsQuery, place: .query, shape: .string,
                    text: "Only those whose names begin so: of too many first, last and others."
                ),
            ]
        case .health, .configuration, .changes, .reload, .doctor, .openAPI, .metrics:
            []
        }
    }

    private var limit: Parameter {
        Parameter(
            name: APIPath.limitQuery, place: .query, shape: .natural,
            text:
                "At most so many, where there are more: who needs a person, who is in use, the others."
        )
    }

    var answer: Answer {
        switch self {
        case .status: .report("Status")
        case .networks, .network, .up, .down, .unlock, .release, .resume, .refuse, .secret:
            .report("Networks")
        case .connections, .kill: .report("Connections")
        case .parked: .report("Parked")
        case .health: .report("Health")
        case .configuration: .report("Configuration")
        case .changes, .reload: .report("Reload")
        case .events: .report("Events")
        case .eventStream: .events
        case .explain, .explainTry: .report("Explanation")
        case .doctor: .report("Doctor")
        case .openAPI: .document
        case .metrics: .text
        }
    }

    /// Statuses of errors beside those that any request may have.
    var errors: [Int] {
        switch self {
        case .network, .parked: [404]
        case .up, .secret: [404, 409, 502]
        case .down, .unlock, .refuse: [404, 409]
        case .release, .resume: [404, 409, 422]
        case .connections, .kill: [404]
        case .changes, .reload: [422]
        case .status, .networks, .health, .configuration, .events, .eventStream, .explain,
            .explainTry, .doctor,
            .openAPI, .metrics:
            []
        }
    }

    /// The methods that a path takes; none where there is no such path.
    static func methods(at path: some StringProtocol) -> [HTTPRequest.Method] {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return allCases.filter { route in
            let own = route.path.split(separator: "/", omittingEmptySubsequences: false)
            return own.count == parts.count
                && zip(own, parts).allSatisfy { $0 == $1 || ($0.hasPrefix("{") && !$1.isEmpty) }
        }
        .map(\.method)
    }
}
