internal import Protocol

/// A new table of filters, networks and prefixes: taken in beside the one in use, which it replaces at once.
extension Worker {
    @_noAllocation @_noLocks
    mutating func beginTable(_ begin: TableBegin, _ id: UInt32) {
        guard Int(begin.networks) <= sizing.networks, Int(begin.prefixes) <= sizing.prefixes else {
            tableCheck.drop()
            return reply(id, .tooLarge)
        }
        tableGeneration &+= 1
        stagedLast = 0
        stagedPrefixes.removeAll()
        tableCheck.start(begin)
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
            stagedSettings[settings.id] = settings
            stagedLast = max(stagedLast, settings.id)
            networks[settings.id].generation = tableGeneration
            left -= 1
        }
    }

    @_noAllocation @_noLocks
    private func apply(_ settings: NetworkSettings) {
        let id = settings.id
        networks[id].connector = settings.connector == .direct ? .direct : .socks
        networks[id].isEager = settings.mode == .eager
        networks[id].holdMicroseconds = UInt64(settings.holdMs) * 1_000
        networks[id].halfOpenMax = crew.share(of: settings.halfOpenMax)
        networks[id].connectionsMax = crew.share(of: settings.connectionsMax)
        networks[id].halfOpenPerSourceMax = crew.share(of: settings.halfOpenPerSourceMax)
        networks[id].device = settings.device
        networks[id].holdsPackets = settings.holdsPackets
        networks[id].routesTCP = settings.routesTCP
        networks[id].filter = settings.filter
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
            let isInTable =
                Int(entry.network) < networks.count
                && networks[entry.network].generation == tableGeneration
            guard isInTable, stagedPrefixes.append(entry.prefix, network: entry.network) else {
                return tableCheck.drop()
            }
            left -= 1
        }
    }

    @_noAllocation @_noLocks
    mutating func commitTable(_ commit: TableCommit, _ id: UInt32) {
        guard tableCheck.finish(commit) else { return reply(id, .tableInvalid) }
        stagedPrefixes.seal()
        swap(&prefixes, &stagedPrefixes)
        swap(&filters, &stagedFilters)
        var network: UInt32 = 1
        networkLast = max(networkLast, stagedLast)
        while network <= networkLast {
            if networks[network].generation == tableGeneration {
                if !networks[network].isConfigured { networks[network].state = .idle }
                networks[network].isConfigured = true
                apply(stagedSettings[network])
            } else if networks[network].isConfigured {
                remove(network)
            }
            network += 1
        }
        if !isServing { serve() }
        reply(id, .ok, commit.generation)
    }

    /// A network that is configured no longer: nobody new is let in, what is open goes on.
    @_noAllocation @_noLocks
    private mutating func remove(_ network: UInt32) {
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
