internal import Protocol

/// Reads one `[[forward]]`. Whether its network is there is seen when all files are read
/// (`ForwardCheck`).
struct ForwardParser {
    let table: ConfigTable

    /// The settings, or nil after complaints.
    func parse(_ errors: inout [ConfigError]) -> ForwardSettings? {
        let countBefore = errors.count
        table.refuseUnknownKeys(&errors)
        table.require("listen", hint: "write listen = \"127.0.0.1:25\", for one", &errors)
        table.require("to", hint: "write to = \"mail.home:25\", for one", &errors)
        table.require("network", hint: "write the network's name", &errors)
        let mode = mode(&errors)
        let group = table.line("group", &errors)
        let listener = listener(mode: mode ?? ConfigDefaults.forwardMode, group, &errors)
        let target = target(&errors)
        let network = table.string("network", &errors)
        guard errors.count == countBefore, let listener, let (target, port) = target, let network
        else { return nil }
        return ForwardSettings(
            listener: listener, target: target, port: port, network: network,
            places: .init(
                listen: table.position("listen"), target: table.position("to"),
                network: table.position("network")))
    }

    private func listener(
        mode: Int, _ group: String?, _ errors: inout [ConfigError]
    ) -> ForwardSettings.Listener? {
        guard let text = table.string("listen", &errors) else { return nil }
        if text.hasPrefix("/") {
            // The temporary name beside it is longer.
            guard SocketPath(text) != nil, text.utf8.count + 5 <= Limits.pathMax,
                !text.hasSuffix("/")
            else {
                let message =
                    "a socket's path has at most \(Limits.pathMax - 5) bytes and no / at its end"
                errors.append(table.complaint("listen", message))
                return nil
            }
            return .unix(path: text, mode: mode, group: group)
        }
        for key in ["mode", "group"] where table.has(key) {
            let message = "`\(key)` is for Unix sockets: \"\(text)\" is none"
            errors.append(table.complaint(onKey: key, message))
        }
        let hint = "write it like 127.0.0.1:25, [::1]:25 or /run/dvpn/mail.sock"
        guard let place = try? HostPort(text), let (address, family) = Address.parse(place.host)
        else {
            let message = "\"\(text)\" is neither an address with a port nor a path"
            errors.append(table.complaint("listen", message, hint: hint))
            return nil
        }
        guard let port = port(place, "listen", hint, &errors) else { return nil }
        return .tcp(Endpoint(family: family, address: address, port: port))
    }

    private func target(
        _ errors: inout [ConfigError]
    ) -> (ForwardSettings.Target, UInt16)? {
        guard let text = table.string("to", &errors) else { return nil }
        let hint = "write it like mail.home:25, 10.1.2.25:25 or [fd00:1:2::25]:25"
        guard let place = try? HostPort(text) else {
            let message = "\"\(text)\" is neither a host name nor an address with a port"
            errors.append(table.complaint("to", message, hint: hint))
            return nil
        }
        guard let port = port(place, "to", hint, &errors) else { return nil }
        guard let (address, family) = Address.parse(place.host) else {
            return (.name(place.host), port)
        }
        guard address != Address(high: 0, low: 0) else {
            errors.append(table.complaint("to", "nobody has the address \(place.host)"))
            return nil
        }
        return (.address(address, family), port)
    }

    private func port(
        _ place: HostPort, _ key: String, _ hint: String, _ errors: inout [ConfigError]
    ) -> UInt16? {
        guard let digits = place.port else {
            errors.append(table.complaint(key, "`\(key)` has no port", hint: hint))
            return nil
        }
        guard let number = UInt16(digits), number > 0 else {
            let range = ConfigDefaults.portRange
            let message = "the port must be from \(range.lowerBound) to \(range.upperBound)"
            errors.append(table.complaint(key, message))
            return nil
        }
        return number
    }

    private func mode(_ errors: inout [ConfigError]) -> Int? {
        guard let text = table.string("mode", &errors) else { return nil }
        guard (3...4).contains(text.utf8.count), let mode = Int(text, radix: 8),
            (0...0o777).contains(mode)
        else {
            let message = "\"\(text)\" is not the mode of a socket"
            errors.append(table.complaint("mode", message, hint: "write it like \"0660\""))
            return nil
        }
        return mode
    }
}
