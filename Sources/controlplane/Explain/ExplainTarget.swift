internal import Protocol
internal import Reports

/// What an explanation is asked of, judged before anything is done. Pure.
enum ExplainTarget {
    private static let example = "write it like git.corp.example:22"

    private static let lengthMax = 253

    /// Schemes of URLs and names of services that people write for a port.
    private static let services = [
        "domain": 53, "ftp": 21, "http": 80, "https": 443, "imap": 143, "imaps": 993, "ldap": 389,
        "ldaps": 636, "mysql": 3_306, "postgresql": 5_432, "rdp": 3_389, "smb": 445, "smtp": 25,
        "ssh": 22, "telnet": 23, "vnc": 5_900, "ws": 80, "wss": 443,
    ]

    /// Takes what can be copied from elsewhere, too: of a URL, host and port are taken, and
    /// a service's name is its port.
    ///
    /// - Parameter tries: whether a connection is to be made, which needs a port.
    /// - Returns: the host, with a port of 1 to 65535 or none.
    static func parse(_ text: String, tries: Bool) throws(OperatorError) -> HostPort {
        let shown = text.prefix(300)
        let target: HostPort
        let text = numbered(fromURL(text))
        // Longer is no name (RFC 1035), whoever would look it up.
        guard text.unicodeScalars.count <= lengthMax else {
            throw OperatorError(
                .badRequest, "\"\(shown)\" is longer than \(lengthMax) characters", fix: example)
        }
        do throws(HostPort.NoHost) {
            target = try HostPort(text)
        } catch {
            throw objection(text, shown)
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

    /// Host and port of a URL, without what is around them; other texts as they are.
    private static func fromURL(_ text: String) -> String {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let scheme = parts.first, let rest = parts.dropFirst().first, rest.hasPrefix("//")
        else { return text }
        let authority = rest.dropFirst(2).prefix { !"/?#".contains($0) }
        let place = String(authority.split(separator: "@").last ?? "")
        let port = services[scheme.lowercased()]
        guard let port, (try? HostPort(place))?.port == nil else { return place }
        return "\(place):\(port)"
    }

    /// With the port's number for its name.
    private static func numbered(_ text: String) -> String {
        guard let colon = text.lastIndex(of: ":") else { return text }
        let word = text[text.index(after: colon)...]
        return services[word.lowercased()].map { "\(text[...colon])\($0)" } ?? text
    }

    private static func objection(_ text: String, _ shown: Substring) -> OperatorError {
        do throws(Prefix.TextError) {
            let prefix = try Prefix(text: text)
            return OperatorError(
                .badRequest,
                "\"\(prefix.text)\" is a prefix, and one address is explained at a time",
                fix: "give an address in it, with or without a port: \(example)")
        } catch .hostBits(let meant) {
            let address = text.prefix { $0 != "/" }
            let port = meant.family == .ipv4 ? "\(address):22" : "[\(address)]:22"
            return OperatorError(
                .badRequest, "\"\(shown)\" is a prefix, and one address is explained at a time",
                fix: "give the address alone, \(address), or with a port, \(port)")
        } catch {
            guard let colon = text.lastIndex(of: ":"),
                let host = try? HostPort(String(text[..<colon])), host.port == nil
            else {
                return OperatorError(
                    .badRequest, "\"\(shown)\" is neither a name nor an address", fix: example)
            }
            return OperatorError(
                .badRequest, "the port of \"\(shown)\" is not a number", fix: example)
        }
    }
}
