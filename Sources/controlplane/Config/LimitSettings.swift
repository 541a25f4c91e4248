/// How much one network may take of the dataplane: `[limits]`.
struct LimitSettings: Hashable, Sendable {
    /// Connections of one network, whether open or being opened.
    var connectionsMax: Int = ConfigDefaults.connectionsMax

    /// Connections of one network whose far side has not answered yet.
    var halfOpenMax: Int = ConfigDefaults.halfOpenMax

    /// The same for one client address, so that a flood from one host leaves room for the others.
    var halfOpenPerSourceMax: Int = ConfigDefaults.halfOpenPerSourceMax
}
