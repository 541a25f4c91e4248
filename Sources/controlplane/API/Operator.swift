internal import Reports

/// What an operator can see and do: the surface that every interface to the outside has in common.
///
/// The functions are asked by any number of tasks at once; the implementation puts them in order.
protocol Operator: Sendable {
    /// All networks, in the order of the configuration.
    ///
    /// - Parameter limit: where there are more, at most so many: those that need a person first, then
    ///   those in use. nil: all.
    func status(limit: Int?) async -> StatusReport

    /// One network with all that is known of it.
    func network(_ name: String) async throws(OperatorError) -> NetworkReport

    /// Networks with all that is known of them; `limit` as for `status`.
    func networks(limit: Int?) async -> [NetworkReport]

    /// Those whose names begin with `start`, as `NameSample` chooses them; nil: all.
    func networks(beginning start: String, limit: Int?) async -> [NetworkReport]

    /// What is worth a look of very many, with all that is known of it, and how many there are in
    /// all: every network where there are no more than `limit`; else those that are not at rest,
    /// and at most `limit` of those that are looked for.
    func notable(_ search: NetworkSearch, limit: Int) async -> (networks: [NetworkReport], all: Int)

    /// Networks without what only the dataplane knows: counted bytes, and who keeps them up. Names
    /// without a network are left out; nil stands for all networks.
    func summaries(of names: [String]?) async -> [NetworkReport]

    /// What a person should know about; empty where all is well.
    func health() async -> [HealthReport]

    /// What Prometheus collects.
    func metrics() async -> [Metric]

    /// What has happened, and who listens to it.
    var events: EventHistory { get }

    /// What is to be done on the host for dvpn to work well.
    func doctor() async -> DoctorReport

    /// What happens to a connection to `target`, a host with or without a port.
    func explain(_ target: String, tries: Bool) async throws(OperatorError) -> ExplainReport

    /// Dials, and returns when the network is up, or throws when the dial has failed. An operator's
    /// wish ends a hold-off, but does not open a lock.
    func up(_ name: String) async throws(OperatorError) -> NetworkReport

    /// Closes the tunnel and everything in it. Nothing dials again by demand before `up`.
    func down(_ name: String) async throws(OperatorError) -> NetworkReport

    /// Lets a locked network be dialled again.
    func unlock(_ name: String) async throws(OperatorError) -> NetworkReport

    /// Takes everything of a network from the host, whose own routes lead there from now on; nothing
    /// where that is so already.
    func release(_ name: String) async throws(OperatorError) -> NetworkReport

    /// Takes a released network back, idle.
    func resume(_ name: String) async throws(OperatorError) -> NetworkReport

    /// Gives a network the secret that its dial waits for.
    func provide(_ secret: String, to name: String) async throws(OperatorError) -> NetworkReport

    /// Nobody will give the secret that a network's dial waits for: it ends, and those who wait are
    /// answered.
    func refuse(_ name: String) async throws(OperatorError) -> NetworkReport

    /// The connections of one network, or of all.
    func connections(network: String?) async throws(OperatorError) -> [ConnectionReport]

    /// Ends a connection with a reset to both sides; returns it as it was.
    func kill(connection id: String) async throws(OperatorError) -> ConnectionReport

    /// What waits for tunnels: for one network's, or for all.
    func parked(network: String?) async throws(OperatorError) -> [ParkedReport.Network]

    /// What is in force, without secrets.
    func configurationReport() async -> ConfigurationReport

    /// What a reload would change now. Nothing is changed.
    func changes() async throws(OperatorError) -> ReloadReport

    /// The same, or every mistake in the files; cheap to ask again.
    func check() async -> ConfigurationCheck

    /// Reads the configuration again and applies what is different. With mistakes nothing changes.
    func reload() async throws(OperatorError) -> ReloadReport
}

extension Operator {
    func status() async -> StatusReport { await status(limit: nil) }

    func networks() async -> [NetworkReport] { await networks(limit: nil) }
}
