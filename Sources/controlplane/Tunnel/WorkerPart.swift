/// One of the dataplane's workers, which share what a local socket may carry.
struct WorkerPart: Equatable, Sendable {
    /// From 0.
    var index = 0
    /// At least 1.
    var count = 1

    /// Whether a socket with room for one connection is this worker's: the dataplane's own rule
    /// (`Crew.share`).
    func owns(_ endpoint: UInt32) -> Bool {
        (Int(endpoint) + index) % count == 0
    }
}
