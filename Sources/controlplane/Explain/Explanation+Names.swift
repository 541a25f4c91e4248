internal import Reports

/// From a name to its address: who is asked, and by whom.
extension Explanation {
    static func names(_ facts: ExplainFacts) -> [Step] {
        guard facts.isName else { return [] }
        return [resolver(facts), zone(facts), address(facts)].compactMap { $0 }
    }

    private static func resolver(_ facts: ExplainFacts) -> Step {
        let asked = facts.nameservers.isEmpty ? "nobody" : facts.nameservers.joined(separator: ", ")
        if facts.domain != nil, let why = facts.elsewhere {
            let finding = NameFinding(code: .resolverElsewhere, message: why)
            return Step(
                "resolver", .error, "this host asks \(asked): \(why)", from: ResolverFile.path,
                code: finding.code.rawValue, fix: finding.fix)
        }
        guard !facts.nameservers.isEmpty else {
            return Step(
                "resolver", .error, "this host asks nobody", from: ResolverFile.path,
                code: .resolverNone, fix: "write a nameserver into \(ResolverFile.path)")
        }
        return Step("resolver", .ok, "this host asks \(asked)", from: ResolverFile.path)
    }

    private static func zone(_ facts: ExplainFacts) -> Step? {
        guard facts.mistakes.isEmpty else { return nil }
        guard let domain = facts.domain else { return noZone(facts) }
        let whose = "\(domain.domain) belongs to network \(domain.network)"
        guard let forwarder = facts.forwarder else {
            return Step("zone", .notice, "\(whose), and dvpn asks nobody", from: domain.source)
        }
        let way = domain.isOverTCP ? ", over TCP" : ""
        guard domain.servers.isEmpty else {
            let servers = domain.servers.joined(separator: " or ")
            return Step(
                "zone", .ok,
                "\(whose): dvpn's forwarder (\(forwarder)) asks \(servers) for it\(way)",
                from: domain.source)
        }
        guard facts.network?.state == .up else {
            return Step(
                "zone", .ok,
                "\(whose): dvpn's forwarder (\(forwarder)) asks the name servers that its gateway "
                    + "tells when the tunnel is up", from: domain.source)
        }
        return Step(
            "zone", .error, "\(whose), whose gateway has told no name server", from: domain.source,
            code: .nameserversMissing,
            fix: "write `dns` into network \(domain.network): the addresses of its name servers")
    }

    /// A name that public servers know is public; another one may have been meant to be private.
    private static func noZone(_ facts: ExplainFacts) -> Step {
        let text = "\(facts.host) is in no private domain: public servers are asked"
        let from = "`domains` of all networks"
        guard facts.isLookedUp, facts.address == nil else {
            // A map's names have no domain: they are in a hosts file.
            let isKnown = facts.isLookedUp && facts.network != nil
            let told =
                "\(facts.host) is in no private domain: a hosts file has it, or a public server"
            return Step("zone", .notice, isKnown ? told : text, from: from)
        }
        let fix =
            facts.meant.map {
                "network \($0.network) has \($0.domain) (\($0.source)): is one of the two misspelt?"
            } ?? "if it is private, add its domain to `domains` of its network"
        let told =
            facts.isNetworkName
            ? "there is a network of this name: dvpnctl networks \(facts.host); \(fix)" : fix
        return Step("zone", .error, text, from: from, code: .zoneMissing, fix: told)
    }

    private static func address(_ facts: ExplainFacts) -> Step {
        guard facts.isLookedUp else {
            let why =
                facts.mistakes.isEmpty
                ? "to ask for it may dial" : "whether it is private is not known"
            return Step(
                "address", .notice, "\(facts.host) is not looked up without --try: \(why)",
                from: "dvpnctl explain")
        }
        guard let address = facts.address else {
            let fix =
                facts.domain != nil && facts.elsewhere == nil
                ? "ask by hand: dig \(facts.host); does a server of the network know it, and does its "
                    + "tunnel come up? (dvpnctl status)" : nil
            return Step(
                "address", .error, "\(facts.host) has no address, or nobody answered",
                from: "getaddrinfo(3)", code: .addressMissing, fix: fix)
        }
        return Step("address", .ok, "\(facts.host) is \(address)", from: "getaddrinfo(3)")
    }
}
