internal import FoundationEssentials

/// Reads what `ip -json` writes.
enum ListingJSON {
    static func decode<Value: Decodable>(
        _ type: Value.Type, _ json: String, _ what: String
    ) throws(HostError) -> Value {
        let text = json.allSatisfy(\.isWhitespace) ? "[]" : json
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw HostError(
                .unexpectedAnswer, "`\(what)` answered something that is not understood: \(error)")
        }
    }
}

/// An element that may be of another shape than expected, and is then passed over.
struct Maybe<Value: Decodable>: Decodable {
    let value: Value?

    init(from decoder: any Decoder) throws {
        value = try? Value(from: decoder)
    }
}
