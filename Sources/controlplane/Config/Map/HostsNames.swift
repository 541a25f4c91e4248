internal import Protocol

/// The names in a hosts file (hosts(5)), whether its lines name gateways or not.
enum HostsNames {
    /// The first address that a line gives the name; capital letters do not count.
    static func address(of name: String, in text: String) -> (Address, Family)? {
        let wanted = name.lowercased()
        for line in lines(text) {
            guard line.names.contains(where: { $0.lowercased() == wanted }) else { continue }
            if let found = Address.parse(String(line.address)) { return found }
        }
        return nil
    }

    /// What the map's files say of their networks' hosts, as a hosts file for a resolver: each line
    /// whose address is in one of the prefixes, and that has names.
    ///
    /// - Parameter prefixes: those that the file's own lines make networks of.
    static func table(_ text: String, within prefixes: Set<Prefix>, _ settings: MapSettings)
        -> String
    {
        var table = ""
        for line in lines(text) {
            let names = line.names.filter { HostName.isValid(String($0)) }
            guard !names.isEmpty, let (address, family) = Address.parse(String(line.address)) else {
                continue
            }
            let length = family == .ipv4 ? settings.prefixLength4 : settings.prefixLength6
            let prefix = Prefix(family: family, length: length, address: address.masked(length))
            guard prefixes.contains(prefix) else { continue }
            table += "\(address.text(family)) \(names.joined(separator: " "))\n"
        }
        return table
    }

    private struct Line {
        let address: Substring
        let names: [Substring]
    }

    private static func lines(_ text: String) -> some Sequence<Line> {
        let bytes =
            text.utf8.starts(with: [0xEF, 0xBB, 0xBF]) ? text.utf8.dropFirst(3) : text.utf8[...]
        return bytes.split(separator: UInt8(ascii: "\n")).lazy.compactMap { line in
            let words = line.prefix { $0 != UInt8(ascii: "#") }.split {
                $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == 0x0D
            }
            guard words.count > 1 else { return nil }
            return Line(
                address: Substring(words[0]), names: words.dropFirst().map { Substring($0) })
        }
    }
}
