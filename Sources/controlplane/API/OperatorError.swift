internal import Hummingbird
internal import Reports

/// Why an operator's wish was not done.
struct OperatorError: Error, Hashable, Sendable {
    let code: ProblemCode

    /// What happened, in words.
    let text: String

    /// What to do about it.
    let fix: String?

    /// In how many seconds it may be different: nil where nobody knows.
    var retryAfter: Int?

    init(_ code: ProblemCode, _ text: String, fix: String? = nil) {
        self.code = code
        self.text = text
        self.fix = fix
    }

    var report: ErrorReport {
        ErrorReport(ErrorReport.Problem(code: code.rawValue, text: text, fix: fix))
    }

    /// The status line of the answer.
    var httpStatus: HTTPResponse.Status {
        switch code {
        case .unknownNetwork, .unknownConnection, .notFound: .notFound
        case .notAllowed: .methodNotAllowed
        case .badRequest: .badRequest
        case .tooLarge: .contentTooLarge
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .noTunnel, .locked, .notLocked, .notAsked, .cancelled, .released, .notReleased:
            .conflict
        case .configuration: .unprocessableContent
        case .dialFailed: .badGateway
        case .unavailable: .serviceUnavailable
        case .failed: .internalServerError
        }
    }
}
