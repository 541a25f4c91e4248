internal import Glibc
internal import NIOPosix
internal import Protocol

/// The name by which the doctor tells whether questions for a private domain reach dvpn. The forwarder
/// answers it itself: no tunnel is dialled, and no private server hears of it.
enum NameProbe {
    /// Below each private domain.
    static let label = "dvpn-doctor"

    /// The doorbell's own address, which nobody routes: no other server gives it.
    static let answer = HostNames.address4

    /// How long a server on this host may take, in seconds.
    private static let patience = 3

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

    /// As the programs of this host ask.
    static func ask(_ domain: String) async -> DoctorFacts.NameAsked {
        let answer = await Resolver.address(of: name(in: domain))
        return .init(domain: domain, by: "getaddrinfo(3)", isLAN: false, answer: answer)
    }

    /// As hosts of the LAN ask a dnsmasq of ours.
    static func ask(_ domain: String, of server: Nameserver) async -> DoctorFacts.NameAsked {
        let answer = try? await NIOThreadPool.singleton.runIfActive { exchange(domain, server) }
        return .init(
            domain: domain, by: "a question to \(server.text)", isLAN: true, answer: answer ?? nil)
    }

    /// - Returns: the first address of the answer; nil where there is none.
    private static func exchange(_ domain: String, _ server: Nameserver) -> String? {
        let family = server.family == .ipv4 ? AF_INET : AF_INET6
        let raw = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0, let name = DNSName("\(label).\(domain)") else { return nil }
        let descriptor = Descriptor(adopting: raw)
        var limit = timeval(tv_sec: patience, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(descriptor.raw, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        var target = KernelAddress(server.address, server.family, port: server.port)
        guard unsafe target.withPointer({ unsafe connect(descriptor.raw, $0, $1) }) == 0 else {
            return nil
        }
        // One question, for an address (A) of the internet (IN), to be asked of others if need be.
        let id = UInt16.random(in: 0 ... .max)
        let query =
            [UInt8(id >> 8), UInt8(truncatingIfNeeded: id), 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
            + name.wire
            + [0, 1, 0, 1]
        guard unsafe send(descriptor.raw, query, query.count, 0) == query.count else { return nil }
        var buffer = [UInt8](repeating: 0, count: 1_232)
        let count = unsafe recv(descriptor.raw, &buffer, buffer.count, 0)
        guard count > 0, let answer = DNSMessage(Array(buffer[..<count])), answer.id == id else {
            return nil
        }
        return answer.addresses.first?.text(.ipv4)
    }
}
