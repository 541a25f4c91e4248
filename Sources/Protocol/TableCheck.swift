/// Follows a table from begin to commit and says whether each part may come now.
///
/// The rules: begin; all filters, numbered from 1; then all networks with ascending ids, each with a
/// filter that came or none; then all prefixes, strictly ascending; as many networks and prefixes as
/// the begin said; commit with the begin's generation. Whether a prefix's network is in the table is
/// for the table's owner to look up. The same holds for what changes a table: it has no filters, and
/// only there may a network be removed, or a prefix be nobody's (0). A part refused drops the whole table; the link stays, because
/// the frames were well formed.
public struct TableCheck: Sendable {
    /// The table under way, or nil between tables.
    private var begin: TableBegin?
    /// True where it changes the table in use.
    public private(set) var isPatch = false
    private var filters: UInt16 = 0
    private var networks: UInt32 = 0
    private var prefixes: UInt32 = 0
    private var lastID: UInt32 = 0
    private var lastPrefix = Prefix(family: .ipv4, length: 0, address: Address(high: 0, low: 0))

    /// Waits for a begin.
    @_noAllocation @_noLocks
    public init() {
        begin = nil
    }

    /// True between a begin and its commit.
    public var isOpen: Bool {
        @_noAllocation @_noLocks get { begin != nil }
    }

    /// Starts a table, whether or not the one before was finished.
    @_noAllocation @_noLocks
    public mutating func start(_ begin: TableBegin) {
        self.begin = begin
        isPatch = false
        filters = 0
        networks = 0
        prefixes = 0
    }

    /// Starts what changes a table: its networks may name the filters of that.
    @_noAllocation @_noLocks
    public mutating func start(_ patch: TablePatch) {
        start(
            TableBegin(
                generation: patch.generation, networks: patch.networks, prefixes: patch.prefixes))
        isPatch = true
        filters = Limits.filtersMax
    }

    /// Drops the table under way.
    @_noAllocation @_noLocks
    public mutating func drop() {
        begin = nil
    }

    /// True where this filter may come next.
    @_noAllocation @_noLocks
    public mutating func accept(_ chunk: FilterChunk) -> Bool {
        guard begin != nil, !isPatch, networks == 0, prefixes == 0, chunk.filter == filters + 1
        else {
            begin = nil
            return false
        }
        filters += 1
        return true
    }

    /// True where this network may come next.
    @_noAllocation @_noLocks
    public mutating func accept(_ network: NetworkSettings) -> Bool {
        // No prefix came yet: one is accepted only after the last network.
        guard let begin, networks < begin.networks, networks == 0 || lastID < network.id,
            network.filter <= filters, isPatch || !network.isRemoved
        else {
            self.begin = nil
            return false
        }
        networks += 1
        lastID = network.id
        return true
    }

    /// True where this prefix may come next.
    @_noAllocation @_noLocks
    public mutating func accept(_ entry: PrefixEntry) -> Bool {
        guard let begin, networks == begin.networks, prefixes < begin.prefixes,
            prefixes == 0 || lastPrefix < entry.prefix, isPatch || entry.network != 0
        else {
            self.begin = nil
            return false
        }
        prefixes += 1
        lastPrefix = entry.prefix
        return true
    }

    /// True where the table is whole and may be used; the check is ready for the next one.
    @_noAllocation @_noLocks
    public mutating func finish(_ commit: TableCommit) -> Bool {
        guard let begin else { return false }
        self.begin = nil
        return begin.generation == commit.generation && networks == begin.networks
            && prefixes == begin.prefixes
    }
}
