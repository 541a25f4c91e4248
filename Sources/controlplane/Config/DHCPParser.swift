internal import Protocol

/// Reads one `[[dhcp]]`. Whether its interface is in `lan`, and dnsmasq ours, is seen when all files
/// are read.
struct DHCPParser {
    let table: ConfigTable

    /// The settings, or nil after complaints.
    func parse(_ errors: inout [ConfigError]) -> DHCPSettings? {
        let countBefore = errors.count
        table.refuseUnknownKeys(&errors)
        table.require("interface", hint: "write interface = \"br-lan\", for one", &errors)
        table.require("range", hint: Self.rangeHint, &errors)
        let interface = table.string("interface", &errors)
        let range = range(&errors)
        let leaseMs = table.duration("lease", in: ConfigDefaults.leaseMsRange, &errors)
        let domain = domain(&errors)
        let hosts = hosts(&errors)
        guard errors.count == countBefore, let interface, let range else { return nil }
        return DHCPSettings(
            interface: interface, first: range.0, last: range.1,
            leaseSeconds: (leaseMs ?? ConfigDefaults.leaseMs) / 1_000, domain: domain, hosts: hosts)
    }

    private static let rangeHint = "write range = \"192.168.77.100-192.168.77.200\", for one"

    private func range(_ errors: inout [ConfigError]) -> (Address, Address)? {
        guard let text = table.string("range", &errors) else { return nil }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
            .map { Address.parse(String($0)) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first.family == .ipv4,
            last.family == .ipv4
        else {
            errors.append(
                table.complaint(
                    "range", "\"\(text)\" is not a range of IPv4 addresses", hint: Self.rangeHint))
            return nil
        }
        guard first.address.ipv4 <= last.address.ipv4 else {
            errors.append(table.complaint("range", "the range \"\(text)\" ends before it begins"))
            return nil
        }
        return (first.address, last.address)
    }

    private func domain(_ errors: inout [ConfigError]) -> String? {
        guard let text = table.string("domain", &errors) else { return nil }
        if let (message, hint) = DomainName.objection(to: text) {
            errors.append(table.complaint("domain", message, hint: hint))
            return nil
        }
        return DomainName.canonical(text)
    }

    private func hosts(_ errors: inout [ConfigError]) -> [DHCPSettings.StaticHost] {
        guard let texts = table.strings("hosts", &errors) else { return [] }
        var hosts: [DHCPSettings.StaticHost] = []
        for (index, text) in texts {
            guard let host = Self.host(text) else {
                let message = "\"\(text)\" is not a host with a fixed address"
                let hint = "write it like \"02:00:00:00:77:0a 192.168.77.50 printer\""
                errors.append(
                    table.complaint(inElement: index, of: "hosts", message, hint: hint))
                continue
            }
            if hosts.contains(where: {
                $0.hardware == host.hardware || $0.address == host.address
            }) {
                let message = "\"\(text)\" has the hardware or IP address of another one"
                errors.append(table.complaint(inElement: index, of: "hosts", message))
            } else {
                hosts.append(host)
            }
        }
        return hosts
    }

    private static func host(_ text: String) -> DHCPSettings.StaticHost? {
        let words = text.split(separator: " ").map(String.init)
        guard (2...3).contains(words.count), let hardware = hardware(words[0]),
            let (address, family) = Address.parse(words[1]), family == .ipv4
        else { return nil }
        let name = words.count == 3 ? words[2] : nil
        // A single label: the domain is the table's.
        if let name, !HostName.isValid(name) || name.contains(".") { return nil }
        return .init(hardware: hardware, address: address.text(.ipv4), name: name)
    }

    private static func hardware(_ text: String) -> String? {
        let bytes = text.split(separator: ":", omittingEmptySubsequences: false)
        let isGood =
            bytes.count == 6
            && bytes.allSatisfy { $0.utf8.count == 2 && $0.allSatisfy(\.isHexDigit) }
        return isGood ? text.lowercased() : nil
    }
}
