internal import Protocol

/// A DNS server: its address and port.
struct Nameserver: Hashable, Sendable {
    static let standardPort: UInt16 = 53

    let address: Address
    let family: Family
    let port: UInt16

    init(address: Address, family: Family, port: UInt16 = Self.standardPort) {
        self.address = address
        self.family = family
        self.port = port
    }

    /// Reads `10.66.0.10`, `fd66::10` or, as dnsmasq writes it, `10.66.0.10#5353`.
    init?(text: String) {
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard let (address, family) = Address.parse(String(parts[0])) else { return nil }
        var port = Self.standardPort
        if parts.count == 2 {
            let digits = parts[1]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = UInt16(digits), number > 0
            else { return nil }
            port = number
        }
        self.init(address: address, family: family, port: port)
    }

    /// This host's own address for services of ours, 127.0.0.1.
    static func loopback(port: UInt16) -> Nameserver {
        Nameserver(address: Address(ipv4: 0x7f00_0001), family: .ipv4, port: port)
    }

    /// As `init(text:)` reads it; the standard port is left out.
    var text: String {
        let host = hostText
        return port == Self.standardPort ? host : "\(host)#\(port)"
    }

    /// The address alone.
    var hostText: String { address.text(family) }

    /// True for 127.0.0.0/8 and ::1.
    var isLoopback: Bool {
        switch family {
        case .ipv4: address.ipv4 >> 24 == 127
        case .ipv6: address == Address(high: 0, low: 1)
        }
    }
}
