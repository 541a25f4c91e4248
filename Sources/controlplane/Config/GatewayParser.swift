internal import Protocol

/// Reads the `gateway` of a tunnel whose user stands elsewhere: a host, and for some a port.
struct GatewayParser {
    let table: ConfigTable
    let via: ViaWord

    /// The host, and the port that stands behind it; nil where there is none, or after complaints.
    func parse(_ errors: inout [ConfigError]) -> (host: String, port: Int?)? {
        guard let text = table.string("gateway", &errors) else { return nil }
        do throws(HostPort.NoHost) {
            let place = try HostPort(text)
            guard let objection = objection(to: place, text) else {
                return (place.host, place.port.flatMap { Int($0) })
            }
            errors.append(table.complaint("gateway", objection.message, hint: objection.hint))
        } catch {
            let (message, hint) = explain(text)
            errors.append(table.complaint("gateway", message, hint: hint))
        }
        return nil
    }

    private func objection(to place: HostPort, _ text: String) -> (message: String, hint: String?)?
    {
        if via == .vpnc && Address.parse(place.host)?.family == .ipv6 {
            return ("vpnc cannot go to an IPv6 address", "write an IPv4 address or a name")
        }
        guard let port = place.port else { return nil }
        guard via == .openconnect else {
            return ("the gateway \"\(text)\" has a port in it", "write gateway = \"\(place.host)\"")
        }
        let range = ConfigDefaults.portRange
        if Int(port).map({ range.contains($0) }) == true { return nil }
        return (
            "the port in \"\(text)\" must be from \(range.lowerBound) to \(range.upperBound)", nil
        )
    }

    private func explain(_ text: String) -> (String, String?) {
        if let at = text.lastIndex(of: "@") {
            let user = text[..<at]
            let hint: String? =
                via == .command
                ? nil : "write username = \"\(user)\" in [network.\(via.rawValue)]"
            return ("the gateway \"\(text)\" has a user in it", hint)
        }
        if text.contains("://") {
            return ("the gateway \"\(text)\" is a URL", "write the host alone")
        }
        return ("\"\(text)\" is neither a host name nor an address", nil)
    }
}
