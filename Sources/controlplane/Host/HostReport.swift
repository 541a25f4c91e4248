/// What applying a plan did, for the log, and what a person should know about the host.
struct HostReport: Equatable, Sendable {
    /// One line for each step that changed something; empty where all was as it should be.
    var changes: [String] = []
    var findings: [HostFinding] = []

    /// The doorbell was made, so that queues opened before are dead: the dataplane needs new ones.
    var isDeviceNew = false
}
