/// The two nftables tables: written, and remembered as they were left.
extension HostExecutor {
    /// A program that flushes them does so once or twice, not in every such moment.
    private static let writesMax = 4

    /// Writes the plan's tables until they are seen to be there. Somebody who flushes them between
    /// our writing and our looking would otherwise have an empty ruleset remembered as ours.
    ///
    /// - Parameter change: what makes the tables of the last plan those of this one, where that is
    ///   less than all of it.
    func write(_ plan: HostPlan, changing change: String? = nil) async throws(HostError) {
        var change = change
        for _ in 0..<Self.writesMax {
            do throws(HostError) {
                if let change { try await host.runScript(change) } else { try await load(plan) }
            } catch {
                // What it changes may not be there any more.
                if change == nil { throw error }
                change = nil
                continue
            }
            change = nil
            if try await record(plan) { return }
        }
        throw HostError(
            .refused,
            "Another program takes dvpn's nftables tables away as soon as they are written. Look "
                + "which one (nft monitor), and keep it from flushing the whole ruleset.")
    }

    /// One transaction. Tables of another version of dvpn, with other chains or sets, are made anew
    /// in it: that alone may let a packet through, so it is not the usual way.
    private func load(_ plan: HostPlan) async throws(HostError) {
        var script = plan.script
        for table in [HostNames.steering, HostNames.guarding] {
            guard let listing = try await inspection.listing(table) else { continue }
            if listing.objects != RulesetListing.objects(addedBy: plan.script, table: table) {
                script = "delete table inet \(table)\n" + script
            }
        }
        try await host.runScript(script)
    }

    /// Remembers the tables as they are now; false, and nothing is, where they are not the plan's.
    private func record(_ plan: HostPlan) async throws(HostError) -> Bool {
        var listings: [RulesetListing] = []
        for table in [HostNames.steering, HostNames.guarding] {
            guard let listing = try await inspection.listing(table),
                listing.objects == RulesetListing.objects(addedBy: plan.script, table: table)
            else { return false }
            listings.append(listing)
        }
        var record = try HostRecord.load(runtimeDirectory)
        record.tables = HostRecord.Tables(
            script: Fingerprint.text(plan.script),
            listing: HostInspection.fingerprint(listings))
        try record.save(runtimeDirectory)
        return true
    }
}
