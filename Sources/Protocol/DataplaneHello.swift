/// The dataplane's first frame: which protocol it speaks, and which process it is.
///
/// May be longer than this version knows, like `Hello`.
public struct DataplaneHello: WireMessage {
    /// A peer with another major version is refused.
    public let major: UInt16

    /// Informative: what differs between minor versions is in the feature bits.
    public let minor: UInt16

    /// What the sender can do. Both sides use what both offer.
    public let features: UInt64

    /// The dataplane's process, as it sees itself: a change means a new table is needed.
    public let pid: UInt32

    /// Which of the process's workers has this link, from 0.
    public let worker: UInt8

    /// How many there are, 1...`Limits.workersMax`: each wants a link of its own.
    public let workers: UInt8

    /// In which families the port of redirected connections is the sender's. One before minor
    /// version 4 does not say, and is taken to have both.
    public let listening: FamilySet

    /// This version's hello.
    @_noAllocation @_noLocks
    public init(
        pid: UInt32, worker: UInt8 = 0, workers: UInt8 = 1, listening: FamilySet = .all()
    ) {
        self.init(
            major: Limits.versionMajor, minor: Limits.versionMinor, features: Limits.features,
            pid: pid, worker: worker, workers: workers, listening: listening)
    }

    /// Takes the fields as they are; only decoding checks their ranges.
    @_noAllocation @_noLocks
    public init(
        major: UInt16, minor: UInt16, features: UInt64, pid: UInt32, worker: UInt8 = 0,
        workers: UInt8 = 1, listening: FamilySet = .all()
    ) {
        self.major = major
        self.minor = minor
        self.features = features
        self.pid = pid
        self.worker = worker
        self.workers = workers
        self.listening = listening
    }

    /// Reads a body; nil where it does not follow the layout.
    @_noAllocation @_noLocks
    public init?(decoding reader: inout BodyReader) {
        major = reader.u16()
        minor = reader.u16()
        features = reader.u64()
        pid = reader.u32()
        worker = reader.u8()
        workers = reader.u8()
        let said = reader.remaining > 0 ? FamilySet(wire: reader.u8()) : .all()
        guard let families = said else { return nil }
        listening = families
        guard !reader.failed, worker < workers, Int(workers) <= Limits.workersMax else {
            return nil
        }
    }

    /// Writes one whole frame.
    @_noAllocation @_noLocks
    public func encode(into writer: inout FrameWriter, requestID: UInt32) {
        writer.begin(.dataplaneHello, flags: 0, requestID: requestID)
        writer.put(major)
        writer.put(minor)
        writer.put(features)
        writer.put(pid)
        writer.put(worker)
        writer.put(workers)
        writer.put(listening.rawValue)
        writer.end()
    }

    /// False where the peer speaks another protocol and the link must close.
    public var isCompatible: Bool {
        @_noAllocation @_noLocks get { major == Limits.versionMajor }
    }
}
