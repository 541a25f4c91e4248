internal import Reports

/// Why a request brought no report.
enum ClientError: Error, Equatable, Sendable {
    /// Nobody listens at the socket.
    case notRunning(path: String, reason: String)
    /// The socket is not for this user.
    case notPermitted(path: String)
    /// Connected, but no whole answer came in time.
    case noAnswer(path: String, seconds: Int64)
    /// An answer that is not of this API.
    case badAnswer(String)
    /// The controlplane says why it did not do it.
    case refused(ErrorReport.Problem)
    /// Something that dvpnctl does itself: what happened and what to do.
    case here(String, ExitStatus = .failed)

    var exitStatus: ExitStatus {
        switch self {
        case .notRunning: .notRunning
        case .notPermitted: .notPermitted
        case .noAnswer, .badAnswer: .failed
        case .here(_, let status): status
        case .refused(let problem):
            switch ProblemCode(rawValue: problem.code) {
            case .locked: .degraded
            case .configuration: .configuration
            case .unauthorized, .forbidden: .notPermitted
            default: .failed
            }
        }
    }

    /// What happened and what to do, for a terminal.
    var text: String {
        switch self {
        case .notRunning(let path, let reason):
            "dvpn is not running (no answer at \(path): \(reason))\n\(Self.startHint(path))\n"
        case .notPermitted(let path):
            """
            you may not use \(path)
            become root, or a member of the group dvpn-admin

            """
        case .noAnswer(let path, let seconds):
            """
            no answer at \(path) within \(seconds) s
            the controlplane hangs or is overloaded: look at its log

            """
        case .badAnswer(let reason):
            """
            cannot understand the answer: \(reason)
            dvpnctl and dvpn-controlplane may be of different versions

            """
        case .here(let text, _):
            text.hasSuffix("\n") ? text : text + "\n"
        case .refused(let problem):
            problem.text + (problem.text.hasSuffix("\n") ? "" : "\n")
                + (problem.fix.map { "\($0)\n" } ?? "")
        }
    }

    var firstLine: String { text.split(separator: "\n").first.map(String.init) ?? "" }

    private static func startHint(_ path: String) -> String {
        if path == "\(RuntimeOptions.defaultDirectory)/\(RuntimeOptions.socketName)" {
            return """
                start it with: systemctl start dvpn.target
                if it does not stay: dvpnctl check, then journalctl -u dvpn-controlplane
                """
        }
        let directory = path.dropLast("/\(RuntimeOptions.socketName)".count)
        return "start it with: dvpn-controlplane --config FILE --runtime-dir \(directory)"
    }
}
