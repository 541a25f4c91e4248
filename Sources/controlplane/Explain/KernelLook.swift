internal import Protocol

/// What the kernel has for one address, now: routes, rules, nftables. Asks, and changes nothing.
struct KernelLook {
    let host: any HostSystem
    let address: Address
    let family: Family

    private var text: String { address.text(family) }
    private var number: Int { Int(family.rawValue) }

    private struct Entry: Decodable {
        let type: String?
        let dev: String?
        let table: String?
    }

    /// - Parameter mark: of the packet; 0: none.
    /// - Returns: nil where the kernel has no route.
    func route(mark: UInt32 = 0) async -> ExplainFacts.Route? {
        var arguments = ["-json", "-\(number)", "route", "get", text]
        if mark != 0 { arguments += ["mark", "\(mark)"] }
        let answer: String
        do throws(HostError) {
            answer = try await host.run(.ip, arguments, input: "")
        } catch {
            // What the kernel calls unreachable, ip(8) calls an error.
            return error.description.contains("nreachable") ? .init(device: nil, table: "") : nil
        }
        guard let entry = try? ListingJSON.decode([Entry].self, answer, "ip route get").first else {
            return nil
        }
        return .init(
            device: entry.type == "unreachable" ? nil : entry.dev, table: entry.table ?? "main")
    }

    /// In the kernel's order; empty where it cannot be asked.
    func rules() async -> [PolicyRule] {
        let arguments = ["-json", "-\(number)", "rule", "show"]
        guard let listing = try? await host.run(.ip, arguments, input: "") else { return [] }
        return (try? PolicyRule.parse(listing, family)) ?? []
    }

    /// Whether the guard knows the address; nil where nftables may not be asked.
    func isGuarded() async -> Bool? { await has(HostNames.guarding, "private", text) }

    /// - Returns: nil where nftables may not be asked.
    func redirection(port: Int?) async -> Redirection? {
        var found = Redirection()
        for chain in Redirection.chains + [Redirection.eagerChain] {
            let words = ["--stateless", "list", "chain", "inet", HostNames.steering, chain]
            do throws(HostError) {
                let listing = try await host.run(.nft, words, input: "")
                found.entries[chain] = Redirection.entries(listing)
            } catch {
                if error.code == .notPermitted { return nil }
            }
        }
        // Without its chains the table is not there.
        guard !found.entries.isEmpty else { return found }
        for set in Redirection.Membership.allCases
        where await has(HostNames.steering, set.rawValue, text) == true {
            found.sets.append(set)
        }
        if let port {
            found.isBlocked =
                await has(HostNames.steering, "blocked", "\(text) . tcp . \(port)") == true
        }
        return found
    }

    private func has(_ table: String, _ set: String, _ element: String) async -> Bool? {
        let words = ["get", "element", "inet", table, "\(set)\(number)", "{ \(element) }"]
        do throws(HostError) {
            _ = try await host.run(.nft, words, input: "")
            return true
        } catch {
            return error.code == .notPermitted ? nil : false
        }
    }
}
