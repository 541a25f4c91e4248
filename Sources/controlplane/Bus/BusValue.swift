/// A value of the D-Bus type system, as far as dvpn needs it.
indirect enum BusValue: Equatable, Sendable {
    case string(String)
    case path(String)
    case bool(Bool)
    case uint32(UInt32)
    case uint64(UInt64)
    /// Elements of one type; its signature must be known where there are none.
    case array(of: String, [BusValue])
    case structure([BusValue])
    /// One pair of a dictionary, which is an array of them.
    case entry(BusValue, BusValue)
    case variant(BusValue)

    /// As the D-Bus specification writes types.
    var signature: String {
        switch self {
        case .string: "s"
        case .path: "o"
        case .bool: "b"
        case .uint32: "u"
        case .uint64: "t"
        case .array(let element, _): "a" + element
        case .structure(let fields): "(" + fields.map(\.signature).joined() + ")"
        case .entry(let key, let value): "{" + key.signature + value.signature + "}"
        case .variant: "v"
        }
    }

    static func strings(_ texts: [String]) -> BusValue {
        .array(of: "s", texts.map(BusValue.string))
    }

    /// Names and their values, as `a{sv}`.
    static func properties(_ properties: [BusProperty]) -> BusValue {
        .array(
            of: "{sv}", properties.map { .entry(.string($0.name), .variant($0.value)) })
    }
}

/// A property's name and value.
struct BusProperty: Equatable, Sendable {
    let name: String
    let value: BusValue

    init(_ name: String, _ value: BusValue) {
        self.name = name
        self.value = value
    }
}
