internal import Protocol

/// Reads lines of a hosts file one after the other: entries, or everything that is wrong.
struct HostsReader {
    let settings: MapSettings
    private(set) var entries: [MapEntry] = []
    private(set) var errors: [ConfigError] = []

    init(settings: MapSettings) { self.settings = settings }

    /// - Parameter number: the line's, from 1 on.
    mutating func read(_ line: Substring, _ number: Int) {
        do throws(HostsLine.Fault) {
            guard let words = try HostsLine(line) else { return }
            let prefix = try prefix(words.address)
            let gateway = try gateway(words)
            for name in words.names where !HostName.isValid(name) {
                throw Self.fault(name, "\"\(name)\" is not a host name")
            }
            let column = Self.column(words.address, line)
            let position = SourcePosition(file: settings.file, line: number, column: column)
            entries.append(
                MapEntry(
                    prefix: prefix, gateway: gateway, name: NetworkName.of(words.names),
                    position: position))
        } catch {
            errors.append(Self.error(error, line, number, settings.file))
        }
    }

    static func error(
        _ fault: HostsLine.Fault, _ line: Substring, _ number: Int, _ file: String
    ) -> ConfigError {
        ConfigError(
            position: SourcePosition(file: file, line: number, column: column(fault.word, line)),
            message: fault.message, hint: fault.hint,
            excerpt: String(line.last == "\r" ? line.dropLast() : line),
            width: fault.word.unicodeScalars.count)
    }

    private func prefix(_ word: Substring) throws(HostsLine.Fault) -> Prefix {
        guard let (address, family) = Address.parse(String(word)) else {
            throw Self.fault(word, "\"\(word)\" is not an address")
        }
        let length = family == .ipv4 ? settings.prefixLength4 : settings.prefixLength6
        let prefix = Prefix(family: family, length: length, address: address.masked(length))
        if let (message, hint) = PrefixRules.objection(to: prefix) {
            throw Self.fault(word, message, hint: hint)
        }
        return prefix
    }

    private func gateway(_ words: HostsLine) throws(HostsLine.Fault) -> GatewayAddress {
        let word = words.gateway
        if let at = word.utf8.lastIndex(of: UInt8(ascii: "@")) {
            throw Self.fault(
                word, "the gateway \"\(word)\" has a user in it",
                hint: "write #!\(word[word.index(after: at)...]) \(word[..<at])")
        }
        guard let place = try? HostPort(String(word)) else {
            throw Self.fault(word, "\"\(word)\" is neither a host name nor an address")
        }
        var port = settings.client.gateway.port
        if let digits = place.port {
            guard let number = Int(digits), ConfigDefaults.portRange.contains(number) else {
                let range = ConfigDefaults.portRange
                throw Self.fault(
                    word, "the port must be from \(range.lowerBound) to \(range.upperBound)")
            }
            port = number
        }
        let user = words.user.map(String.init) ?? settings.client.gateway.user
        guard GatewayAddress.isUser(user) else {
            throw Self.fault(words.user ?? word, "\"\(user)\" is not a user name")
        }
        return GatewayAddress(user: user, host: place.host, port: port)
    }

    private static func fault(
        _ word: Substring, _ message: String, hint: String? = nil
    ) -> HostsLine.Fault {
        HostsLine.Fault(word: word, message: message, hint: hint)
    }

    private static func column(_ word: Substring, _ line: Substring) -> Int {
        line.unicodeScalars.distance(from: line.startIndex, to: word.startIndex) + 1
    }
}
