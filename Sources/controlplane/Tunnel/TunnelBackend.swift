/// Something that can make a tunnel: ssh masters today, any other client behind the same face.
///
/// One back end serves one tunnel. Its owner calls `start` and `stop` as the tunnel's machine says
/// and feeds it what `events` brings; nothing else is shared between the two.
protocol TunnelBackend: Sendable {
    /// What happens to the tunnel, in order; ends when the back end is released.
    var events: AsyncStream<TunnelEvent> { get }

    /// Begins to dial and returns at once. Answered by `.ready` or `.failed`.
    ///
    /// - Parameter address: the gateway's address as a literal, resolved by the caller so that its
    ///   route can be pinned; nil leaves the resolution to the client.
    func start(attempt: Int, address: String?) async

    /// Ends whatever runs, and returns when it is gone and its files with it. Says `.ended(nil)`
    /// if the tunnel was up. Harmless when nothing runs.
    func stop() async

    /// The dataplane queues connections because every endpoint is full.
    func needCapacity(queued: Int, by worker: WorkerPart) async

    /// The dataplane could not connect to an endpoint: look after it.
    func endpointFailed(id: UInt32) async

    /// Takes over what an earlier life of the controlplane left running, and ends what of it does
    /// not work any more. Reports the endpoints by events; true when the tunnel is up.
    func adopt() async -> Bool

    /// Why the gateway refused a dial of which no event told, and forgets it: one that was stopped
    /// before it was answered, or that an earlier life began. Asked for after `stop` and `adopt`.
    func takeRefusal() async -> Failure?

    /// Who wants the next dial, for people: whoever is asked for a secret must know why. Said before
    /// `start`.
    func wanted(by wish: String) async

    /// The secret that `.asks` asked for.
    func provide(_ secret: String) async

    /// Nobody will answer what `.asks` asked for.
    func refuse() async

    /// What the gateway could not open connections for, of which no event has told yet, by reason.
    func refusals() async -> [String: Int]

    /// What the credentials are made of now: another value means that a lock has lost its reason.
    func credentialFingerprint() async -> CredentialFingerprint
}

extension TunnelBackend {
    /// Most clients ask for nothing.
    func wanted(by wish: String) async {}
    func provide(_ secret: String) async {}
    func refuse() async {}
    /// Only ssh speaks of single connections.
    func refusals() async -> [String: Int] { [:] }
}

/// What a back end reports about its tunnel.
enum TunnelEvent: Equatable, Sendable {
    /// The dataplane may connect through this endpoint, for at most `capacity` connections at a
    /// time.
    case endpointAdded(id: UInt32, LocalEndpoint, capacity: Int)
    /// New connections must not use the endpoint any more; those that stand may end by themselves.
    case endpointRemoved(id: UInt32)
    /// The tunnel's device is there and configured, without routes.
    case deviceUp(TunnelDevice)
    /// The tunnel carries traffic; its first endpoint, or its device, was announced before.
    case ready
    /// The dial waits for a person's secret; nil: not any more.
    case asks(String?)
    /// The dial failed and nothing of it is left.
    case failed(Failure)
    /// The last endpoint is gone: nil after `stop`.
    case ended(Failure?)
    /// The gateway could not open connections for these reasons since the last such event.
    case refusedByGateway([String: Int])
    /// Lines that the client printed: for the log, with its name and its unit's.
    case said(program: String, unit: ClientUnit?, [String])
    /// Something worth a line in the log and in `status`, with no effect on the tunnel.
    case note(String)
}
