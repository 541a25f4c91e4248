internal import Protocol

/// A new table of filters, networks and prefixes, or what is other than in the one in use: taken in
/// beside that, which it replaces at once.
extension Worker {
    /// How a network is treated.
    @_noAllocation @_noLocks
    func treatment(of network: UInt32) -> Treatment { treatments[networks[network].treatment] }

    @_noAllocation @_noLocks
    mutating func beginTable(_ begin: TableBegin, _ id: UInt32) {
        unstage()
        guard Int(begin.networks) <= sizing.networks, Int(begin.prefixes) <= sizing.prefixes else {
            tableCheck.drop()
            return reply(id, .tooLarge)
        }
        tableCheck.start(begin)
        reply(id, .ok)
    }

    /// Only a controlplane that has lost count speaks of another table than the one in use. The next
    /// link begins with a whole one.
    @_noAllocation @_noLocks
    mutating func beginPatch(_ patch: TablePatch, _ id: UInt32) {
        unstage()
        guard isServing, patch.base == tableInUse else {
            count(.linkErrors)
            return loseLink("the controlplane changes a table that is not in use; closed the link")
        }
        tableCheck.start(patch)
        reply(id, .ok)
    }

    @_noAllocation @_noLocks
    mutating func readFilter(_ reader: inout BodyReader) {
        guard let chunk = FilterChunk(decoding: &reader) else { return malformed() }
        guard tableCheck.accept(chunk) else { return }
        stagedFilters[UInt32(chunk.filter)] = chunk.rules
    }

    /// Nothing takes effect before the commit.
    @_noAllocation @_noLocks
    mutating func readNetworks(_ reader: inout BodyReader) {
        guard let header = ChunkHeader(decoding: &reader, itemLength: Limits.networkLength) else {
            return malformed()
        }
        var left = header.count
        while left > 0 {
            guard let settings = NetworkSettings(decoding: &reader) else { return malformed() }
            if settings.id == 0 || Int(settings.id) >= networks.count { tableCheck.drop() }
            guard tableCheck.accept(settings) else { return }
            stagedCount += 1
            stagedSettings[stagedCount] = settings
            networks[settings.id].isStaged = true
            left -= 1
        }
    }

    @_noAllocation @_noLocks
    mutating func readPrefixes(_ reader: inout BodyReader) {
        guard let header = ChunkHeader(decoding: &reader, itemLength: Limits.prefixLength) else {
            return malformed()
        }
        var left = header.count
        while left > 0 {
            guard let entry = PrefixEntry(decoding: &reader) else { return malformed() }
            guard tableCheck.accept(entry) else { return }
            guard stage(entry) else { return tableCheck.drop() }
            left -= 1
        }
    }

    /// False where the entry names no network of the table, or there is no room.
    @_noAllocation @_noLocks
    private mutating func stage(_ entry: PrefixEntry) -> Bool {
        if tableCheck.isPatch {
            guard stagedPrefixes.take(from: prefixes, &stagedFrom, before: entry.prefix) else {
                return false
            }
            // A prefix of nobody's is one that goes.
            if entry.network == 0 { return true }
        }
        guard Int(entry.network) < networks.count else { return false }
        let network = networks[entry.network]
        guard network.isStaged || tableCheck.isPatch && network.isConfigured else { return false }
        return stagedPrefixes.append(entry.prefix, network: entry.network)
    }

    @_noAllocation @_noLocks
    mutating func commitTable(_ commit: TableCommit, _ id: UInt32) {
        let isPatch = tableCheck.isPatch
        guard tableCheck.finish(commit),
            !isPatch || stagedPrefixes.take(from: prefixes, &stagedFrom, before: nil)
        else {
            unstage()
            return reply(id, .tableInvalid)
        }
        stagedPrefixes.seal()
        swap(&prefixes, &stagedPrefixes)
        if !isPatch {
            swap(&filters, &stagedFilters)
            removeUnstaged()
        }
        var staged: UInt32 = 1
        while staged <= stagedCount {
            let settings = stagedSettings[staged]
            networkLast = max(networkLast, settings.id)
            if settings.isRemoved { remove(settings.id) } else { configure(settings) }
            staged += 1
        }
        tableInUse = commit.generation
        unstage()
        if !isServing { serve() }
        reply(id, .ok, commit.generation)
    }

    /// Forgets what was staged, and gives its memory back: it is as much as the table itself.
    @_noAllocation @_noLocks
    private mutating func unstage() {
        while stagedCount > 0 {
            networks[stagedSettings[stagedCount].id].isStaged = false
            stagedCount -= 1
        }
        stagedFrom = 1
        stagedSettings.vacate()
        stagedPrefixes.removeAll()
    }

    @_noAllocation @_noLocks
    private mutating func configure(_ settings: NetworkSettings) {
        let id = settings.id
        if !networks[id].isConfigured { networks[id].state = .idle }
        networks[id].isConfigured = true
        let before = networks[id].treatment
        treatments.release(before)
        networks[id].treatment = treatments.take(Treatment(settings, crew: crew))
    }

    /// Whatever a whole table does not name is configured no longer.
    @_noAllocation @_noLocks
    private mutating func removeUnstaged() {
        var network: UInt32 = 1
        while network <= networkLast {
            if networks[network].isConfigured && !networks[network].isStaged { remove(network) }
            network += 1
        }
    }

    /// A network that is configured no longer: nobody new is let in, what is open goes on, and is
    /// treated as before.
    @_noAllocation @_noLocks
    private mutating func remove(_ network: UInt32) {
        guard networks[network].isConfigured else { return }
        networks[network].isConfigured = false
        networks[network].state = .refusing
        needsPump = true
        networks[network].isDemanded = false
        networks[network].refusesWithReset = false
        refuseParked(network)
        refusePackets(network)
        retireEndpoints(network)
    }
}
