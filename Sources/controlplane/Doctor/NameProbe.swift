internal import Protocol

/// The name by which the doctor tells whether questions for a private domain reach dvpn. The forwarder
/// answers it itself: no tunnel is dialled, and no private server hears of it.
enum NameProbe {
    /// Below each private domain.
    static let label = "dvpn-doctor"

    /// The doorbell's own address, which nobody routes: no other server gives it.
    static let answer = HostNames.address4

    /// True for the name below a domain, whichever it is.
    static func matches(_ name: DNSName) -> Bool {
        name.text.lowercased().hasPrefix("\(label).")
    }

    /// What the forwarder says, for nobody to remember.
    static func reply(_ query: DNSMessage) -> [UInt8] {
        guard let (address, family) = Address.parse(answer) else {
            preconditionFailure("an address of our own that is none")
        }
        return DNSReply.address(address, family, to: query, ttl: 0)
    }

    /// - Returns: a name without search domains, by the dot at its end.
    static func name(in domain: String) -> String { "\(label).\(domain)." }
}
