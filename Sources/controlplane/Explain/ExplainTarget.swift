internal import Reports

/// What an explanation is asked of, judged before anything is done. Pure.
enum ExplainTarget {
    private static let example = "write it like git.corp.example:22"

    private static let lengthMax = 253

    /// - Parameter tries: whether a connection is to be made, which needs a port.
    /// - Returns: the host, with a port of 1 to 65535 or none.
    static func parse(_ text: String, tries: Bool) throws(OperatorError) -> HostPort {
        let shown = text.prefix(300)
        let target: HostPort
        // Longer is no name (RFC 1035), whoever would look it up.
        guard text.unicodeScalars.count <= lengthMax else {
            throw OperatorError(
                .badRequest, "\"\(shown)\" is longer than \(lengthMax) characters", fix: example)
        }
        do throws(HostPort.NoHost) {
            target = try HostPort(text)
        } catch {
            throw OperatorError(
                .badRequest, "\"\(shown)\" is neither a name nor an address", fix: example)
        }
        guard let port = target.port else {
            guard !tries else {
                throw OperatorError(
                    .badRequest, "\"\(shown)\" has no port, so that there is nothing to connect to",
                    fix: example)
            }
            return target
        }
        guard let number = UInt16(port), number > 0 else {
            throw OperatorError(
                .badRequest, "the port of \"\(shown)\" is not 1 to 65535", fix: example)
        }
        return target
    }
}
