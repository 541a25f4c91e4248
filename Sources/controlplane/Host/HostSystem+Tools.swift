internal import Protocol

extension HostSystem {
    /// Lines for one `ip -batch`; nothing is run where there are none.
    ///
    /// - Parameter family: of routes and rules; nil for links and addresses.
    func runBatch(_ family: Family?, _ lines: [String]) async throws(HostError) {
        guard !lines.isEmpty else { return }
        let arguments = (family.map { ["-\($0.rawValue)"] } ?? []) + ["-batch", "-"]
        _ = try await run(.ip, arguments, input: lines.joined(separator: "\n") + "\n")
    }

    /// One nftables transaction: all of it happens, or nothing.
    func runScript(_ script: String) async throws(HostError) {
        _ = try await run(.nft, ["-f", "-"], input: script)
    }

    /// The families that this kernel has. IPv6 that is merely switched off still has tables.
    var families: [Family] {
        setting("ipv6/conf/all/disable_ipv6") == nil ? [.ipv4] : [.ipv4, .ipv6]
    }

    /// True where IPv6 is there and switched on.
    var hasIPv6: Bool { setting("ipv6/conf/all/disable_ipv6") == "0" }
}
