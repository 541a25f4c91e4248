/// A TOML value, free of the library that read it.
enum ConfigValue: Equatable, Sendable {
    case string(String)
    case integer(Int)
    case float(Double)
    case boolean(Bool)
    /// A date, a time or both: no key of ours takes one, so that its value is not kept.
    case date
    case array([ConfigValue])
    case table([String: ConfigValue])

    /// What a person calls it, with its article.
    var kind: String {
        switch self {
        case .string: "a string"
        case .integer: "an integer"
        case .float: "a number with a fraction"
        case .boolean: "a boolean"
        case .date: "a date or time"
        case .array: "an array"
        case .table: "a table"
        }
    }
}
