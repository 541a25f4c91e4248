internal import HTTPTypes
internal import Reports

/// The API in words of OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.0), made from `APIRoute`. Pure.
enum OpenAPI {
    static let text = document.text() + "\n"

    private static let document: JSONText = [
        "openapi": "3.1.0",
        "info": [
            "title": "dvpn", "version": .string(Release.version),
            "summary": "What dvpn does, and what to do about it.",
            "description": """
            docs/api.md tells it to people. Within one number of `schema` keys are only added.
            On the Unix socket no token is needed: its mode decides.
            Another method than a path has is 405, another path 404: an Error, as all that goes wrong.
            """,
        ],
        "servers": [["url": "/", "description": "Where this was found"]],
        "security": [["bearer": []], ["basic": []]],
        "paths": .object(paths),
        "components": [
            "securitySchemes": [
                "bearer": ["type": "http", "scheme": "bearer"],
                "basic": [
                    "type": "http", "scheme": "basic", "description": "The token is the password.",
                ],
            ],
            "responses": .object(
                problems.map { status, text in ("\(status)", problem(status, text)) }),
            "schemas": .object(APIShape.Object.all.map { ($0.name, $0.schema) }),
        ],
    ]

    /// Statuses of errors, and what they say.
    static let problems: [(status: Int, text: String)] = [
        (400, "The request makes no sense."), (401, "No token, or a wrong one."),
        (403, "Another host's name, or another page's request."), (404, "There is no such thing."),
        (409, "Not in this state."),
        (413, "The path or the body is too long."),
        (422, "The configuration has mistakes; the earlier one stays."),
        (500, "It failed, and should not have."), (502, "The tunnel could not be made."),
        (503, "The dataplane is away, or too many ask at once."),
    ]

    /// Those that any request may have.
    private static let common = [400, 401, 403, 413, 500, 503]

    private static var paths: [(String, JSONText)] {
        var paths: [(String, JSONText)] = []
        for route in APIRoute.allCases {
            // No two of them have one path.
            paths.append((route.path, [route.method.rawValue.lowercased(): operation(route)]))
        }
        return paths
    }

    private static func operation(_ route: APIRoute) -> JSONText {
        var parts: [(String, JSONText)] = [
            ("operationId", .string("\(route)")), ("summary", .string(route.summary)),
        ]
        if !route.parameters.isEmpty {
            parts.append(("parameters", .list(route.parameters.map(parameter))))
        }
        if route == .secret {
            parts.append(
                (
                    "requestBody",
                    [
                        "required": true,
                        "content": ["text/plain": ["schema": secret]],
                    ]
                ))
        }
        var answers: [(String, JSONText)] = [("200", success(route.answer))]
        for status in (common + route.errors).sorted() {
            answers.append(("\(status)", ["$ref": .string("#/components/responses/\(status)")]))
        }
        parts.append(("responses", .object(answers)))
        return .object(parts)
    }

    /// In bytes, no more than in characters.
    private static let secret: JSONText = [
        "type": "string", "minLength": 1, "maxLength": .number(UInt64(APIPath.bodyLengthMax)),
    ]

    private static func parameter(_ parameter: APIRoute.Parameter) -> JSONText {
        [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "required": .boolean(parameter.isRequired), "description": .string(parameter.text),
            "schema": parameter.shape.schema,
        ]
    }

    private static func success(_ answer: APIRoute.Answer) -> JSONText {
        switch answer {
        case .report(let name):
            content("It was done.", "application/json", APIShape.object(name).schema)
        case .events:
            content("Until it ends, or ten minutes.", "text/event-stream", ["type": "string"])
        case .document:
            content("OpenAPI 3.1.", "application/json", ["type": "object"])
        case .text:
            content("Prometheus' text format.", "text/plain", ["type": "string"])
        }
    }

    private static func problem(_ status: Int, _ text: String) -> JSONText {
        var parts: [(String, JSONText)] = [("description", .string(text))]
        let headers: [Int: (String, JSONText)] = [
            401: ("WWW-Authenticate", ["schema": ["type": "string"]]),
            503: ("Retry-After", ["schema": ["type": "integer", "minimum": 1]]),
        ]
        if let header = headers[status] { parts.append(("headers", .object([header]))) }
        parts.append(
            ("content", ["application/json": ["schema": APIShape.object("Error").schema]]))
        return .object(parts)
    }

    private static func content(
        _ text: String, _ type: String, _ schema: JSONText
    ) -> JSONText {
        let typed: JSONText = ["schema": schema]
        return ["description": .string(text), "content": .object([(type, typed)])]
    }
}
