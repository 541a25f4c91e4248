internal import Protocol

/// What dnsmasq must know of private names, in the order of the zones: whose they are, and nothing
/// of how their networks fare. All are asked of our forwarder, and of no public server beside it.
struct DnsmasqRules: Equatable, Sendable {
    /// Names, and who is asked for them.
    struct Rule: Equatable, Sendable {
        enum Subject: Hashable, Sendable {
            /// A domain and all below it.
            case domain(String)
            /// The names of a prefix's addresses.
            case addresses(Prefix)
        }

        enum Target: Equatable, Sendable {
            case forwarder
            /// Whoever is asked for public names.
            case standard
        }

        let subject: Subject
        let target: Target
    }

    let rules: [Rule]
    private let forwarder: Nameserver

    /// Names that are known here, as a hosts file: those of the gateway map, for a dnsmasq of ours.
    let hosts: String

    /// Domains whose answers may be private addresses, which `stop-dns-rebind` would take away.
    let domains: [String]

    /// - Parameter forwarder: where our own forwarder listens.
    init(_ zones: [Zone], forwarder: Nameserver, hosts: String = "") {
        self.hosts = hosts
        var rules: [Rule] = []
        var taken: Set<Rule.Subject> = []
        for zone in zones {
            let subjects =
                zone.domains.map { Rule.Subject.domain($0) }
                + zone.prefixes.map { Rule.Subject.addresses($0) }
            for subject in subjects where taken.insert(subject).inserted {
                rules.append(Rule(subject: subject, target: .forwarder))
            }
        }
        domains = taken.compactMap { if case .domain(let name) = $0 { name } else { nil } }
            .sorted()
        // Behind all zones: one network's gateway may lie in another's domain.
        for case let gateway? in zones.map(\.gateway)
        where taken.insert(.domain(gateway.name)).inserted {
            rules.append(Rule(subject: .domain(gateway.name), target: .standard))
        }
        self.rules = rules
        self.forwarder = forwarder
    }

    /// The content of a `servers-file` (dnsmasq(8)), which holds such rules and nothing else.
    var serversFile: String {
        (["# Written by dvpn-controlplane; changes are lost."] + rules.map(line))
            .map { $0 + "\n" }.joined()
    }

    /// The lines that only the configuration itself may hold.
    var rebindLines: [String] { domains.map { "rebind-domain-ok=/\($0)/" } }

    /// The arguments of `SetDomainServers`, which has no short form for reverse zones.
    var busArguments: [String] {
        rules.flatMap { rule in
            let domains =
                switch rule.subject {
                case .domain(let name): [name]
                case .addresses(let prefix): ReverseZone.domains(prefix)
                }
            return domains.map { "/\($0)/\(text(rule.target))" }
        }
    }

    private func line(_ rule: Rule) -> String {
        switch rule.subject {
        case .domain(let name): "server=/\(name)/\(text(rule.target))"
        case .addresses(let prefix): "rev-server=\(prefix.text),\(text(rule.target))"
        }
    }

    private func text(_ target: Rule.Target) -> String {
        switch target {
        case .forwarder: forwarder.text
        case .standard: "#"
        }
    }
}
