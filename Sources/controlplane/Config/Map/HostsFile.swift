internal import Protocol

/// A hosts file as a source of the gateway map.
///
/// Lines of one network must agree about its gateway; they may be many.
struct HostsFile: MapSource {
    let settings: MapSettings
    let text: String

    func entries() throws(ConfigErrors) -> [MapEntry] {
        var reader = Reader(settings: settings)
        var number = 0
        // A byte order mark is no word.
        let bytes =
            text.utf8.starts(with: [0xEF, 0xBB, 0xBF]) ? text.utf8.dropFirst(3) : text.utf8[...]
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            reader.read(Substring(line), number)
        }
        guard reader.errors.isEmpty else { throw ConfigErrors(reader.errors) }
        return reader.entries
    }
}

extension HostsFile {
    private struct Reader {
        let settings: MapSettings
        var entries: [MapEntry] = []
        var errors: [ConfigError] = []
        private var known: [Prefix: Int] = [:]

        init(settings: MapSettings) { self.settings = settings }

        mutating func read(_ line: Substring, _ number: Int) {
            do throws(HostsLine.Fault) {
                guard let words = try HostsLine(line) else { return }
                let prefix = try prefix(words.address)
                let gateway = try gateway(words)
                for name in words.names where !HostName.isValid(String(name)) {
                    throw Self.fault(name, "\"\(name)\" is not a host name")
                }
                let column = Self.column(words.address, line)
                let position = SourcePosition(file: settings.file, line: number, column: column)
                let index = known[prefix] ?? entries.count
                guard index == entries.count else {
                    let earlier = entries[index]
                    guard earlier.gateway != gateway else { return }
                    throw Self.fault(
                        words.gateway,
                        "\(prefix.text) is already reached by \(earlier.gateway) at \(earlier.position)",
                        hint: "the lines of one network name one gateway and one user")
                }
                known[prefix] = index
                entries.append(
                    MapEntry(
                        prefix: prefix, gateway: gateway, name: NetworkName.of(words.names),
                        position: position))
            } catch {
                let place = SourcePosition(
                    file: settings.file, line: number, column: Self.column(error.word, line))
                errors.append(
                    ConfigError(
                        position: place, message: error.message, hint: error.hint,
                        excerpt: String(line.last == "\r" ? line.dropLast() : line),
                        width: error.word.unicodeScalars.count))
            }
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
            if let at = word.lastIndex(of: "@") {
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
}
