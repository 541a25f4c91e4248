/// What a value in an answer looks like, in terms of JSON Schema (draft 2020-12, as OpenAPI 3.1 has
/// it). Pure.
indirect enum APIShape: Sendable {
    case string, integer, boolean, date
    /// A whole number that is not negative.
    case natural
    /// A network's name, a connection's id, and what `explain` takes.
    case name, id, target
    case words([String])
    case list(APIShape)
    /// An object with any keys.
    case map(APIShape)
    /// One of `APIShape.Object.all`.
    case object(String)

    /// The rules of this shape, as JSON.
    var schema: JSONText {
        switch self {
        case .string: ["type": "string"]
        case .integer: ["type": "integer"]
        case .boolean: ["type": "boolean"]
        case .date: ["type": "string", "format": "date-time"]
        case .natural: ["type": "integer", "minimum": 0, "maximum": .number(UInt64.max)]
        case .name: ["type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,31}$"]
        case .id: ["type": "string", "pattern": "^[0-9a-f]{1,16}$"]
        case .target: ["type": "string", "minLength": 1, "maxLength": 253]
        case .words(let words): ["type": "string", "enum": .list(words.map { .string($0) })]
        case .list(let element): ["type": "array", "items": element.schema]
        case .map(let value): ["type": "object", "additionalProperties": value.schema]
        case .object(let name): ["$ref": .string("#/components/schemas/\(name)")]
        }
    }

    /// One key of an object.
    struct Field: Sendable {
        let name: String
        let shape: APIShape
        let isRequired: Bool

        init(_ name: String, _ shape: APIShape, optional: Bool = false) {
            self.name = name
            self.shape = shape
            isRequired = !optional
        }
    }

    /// A report, or a part of one.
    struct Object: Sendable {
        let name: String
        let fields: [Field]

        /// - Parameter fields: without `schema`, which every report has.
        static func report(_ name: String, _ fields: [Field]) -> Object {
            Object(name: name, fields: [Field("schema", .integer)] + fields)
        }

        /// Keys that are not named may come with a later version: readers ignore them.
        var schema: JSONText {
            [
                "type": "object",
                "required": .list(fields.filter(\.isRequired).map { .string($0.name) }),
                "properties": .object(
                    fields.map { field in
                        let schema: JSONText =
                            field.name == "schema"
                            ? ["type": "integer", "const": 1] : field.shape.schema
                        return (field.name, schema)
                    }),
            ]
        }
    }
}
