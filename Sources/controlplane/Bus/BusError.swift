internal import Reports

/// An error as D-Bus has them: a name for programs and a sentence for people.
struct BusError: Error, Equatable, Sendable, CustomStringConvertible {
    let name: String
    let text: String

    var description: String { text }

    /// One of the D-Bus specification's own, such as `UnknownMethod`.
    static func standard(_ name: String, _ text: String) -> BusError {
        BusError(name: "org.freedesktop.DBus.Error.\(name)", text: text)
    }

    /// What the API answers too, with the same words.
    init(_ error: OperatorError) {
        self.init(
            name: "org.dvpn1.Error.\(Self.name(error.code))",
            text: error.text + (error.fix.map { "; \($0)" } ?? ""))
    }

    init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    private static func name(_ code: ProblemCode) -> String {
        switch code {
        case .unknownNetwork: "NoSuchNetwork"
        case .noTunnel: "NoTunnel"
        case .locked: "Locked"
        case .notLocked: "NotLocked"
        case .notAsked: "NotAsked"
        case .released: "Released"
        case .notReleased: "NotReleased"
        case .dialFailed: "DialFailed"
        case .cancelled: "Cancelled"
        case .configuration: "Configuration"
        case .unavailable: "Unavailable"
        case .failed, .notFound, .notAllowed, .badRequest, .tooLarge, .unknownConnection,
            .unauthorized, .forbidden:
            "Failed"
        }
    }
}
