internal import FoundationEssentials
internal import Protocol

/// How this host is attached to the world: its default routes and its own addresses. Where that
/// changes, what failed before may work now.
struct Attachment: Equatable, Sendable {
    /// One line each, sorted.
    let lines: [String]

    private struct Route: Decodable {
        let gateway: String?
        let dev: String?
        let prefsrc: String?
    }

    private struct Link: Decodable {
        struct Address: Decodable {
            let local: String?
            let scope: String?
        }

        let ifname: String
        let addr_info: [Address]?
    }

    /// - Parameters:
    ///   - routes: what `ip -json route show default` says, for each family.
    ///   - links: what `ip -json address` says.
    init(routes: [String], links: String) throws(HostError) {
        var lines: [String] = []
        for json in routes {
            for route in try ListingJSON.decode([Route].self, json, "ip route") {
                lines.append(
                    "\(route.gateway ?? "-") \(route.dev ?? "-") \(route.prefsrc ?? "-")")
            }
        }
        for link in try ListingJSON.decode([Link].self, links, "ip address")
        where !HostNames.isOurs(link.ifname) {
            for address in link.addr_info ?? [] where address.scope == "global" {
                lines.append("\(link.ifname) \(address.local ?? "-")")
            }
        }
        self.lines = lines.sorted()
    }

    static func take(_ host: any HostSystem) async throws(HostError) -> Attachment {
        var routes: [String] = []
        for family in host.families {
            routes.append(
                try await host.run(
                    .ip, ["-json", "-\(family.rawValue)", "route", "show", "default"], input: ""))
        }
        return try Attachment(
            routes: routes, links: try await host.run(.ip, ["-json", "address"], input: ""))
    }
}
