/// What is configured, and what of it an operator has released: that is not in force.
struct Releases: Sendable {
    /// All of it, as it was read.
    var configured: Configuration

    /// When each was released, in milliseconds of CLOCK_REALTIME.
    private(set) var since: [String: Int64]

    private var store: HeldStore

    init(_ configured: Configuration, runtime: String) {
        self.configured = configured
        store = HeldStore(runtime: runtime, file: "released.json")
        since = Dictionary(uniqueKeysWithValues: store.names.map { ($0, Clock.now()) })
    }

    var isEmpty: Bool { since.isEmpty }

    /// What is configured without what is released.
    var rest: Configuration {
        var rest = configured
        rest.networks = rest.networks.without(Set(since.keys))
        return rest
    }

    /// A released network; nil for others.
    func network(_ name: String) -> Network? {
        since[name] == nil ? nil : configured.networks.first { $0.name == name }
    }

    /// Takes the network from what is in force, or back; remembers it until the host's next start.
    mutating func set(_ name: String, isReleased: Bool) throws(ProcessError) {
        try store.set(name, held: isReleased)
        since[name] = isReleased ? Clock.now() : nil
    }

    /// Nothing is released any more, once that is saved.
    mutating func endAll() { since = [:] }

    /// Forgets names that are not configured any more, once that is saved: one that comes back is
    /// new, and nobody has released it.
    mutating func forgetVanished() {
        guard !since.isEmpty else { return }
        let names = Set(configured.networks.names)
        since = since.filter { names.contains($0.key) }
    }

    mutating func save() throws(ProcessError) {
        for name in store.names where since[name] == nil { try store.set(name, held: false) }
    }
}
