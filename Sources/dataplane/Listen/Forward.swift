internal import Protocol

/// A static forward: a listener that the controlplane has bound, and where its connections go.
struct Forward {
    /// The controlplane's number for it; 0 while the slot is unused.
    var id: UInt32 = 0
    /// For connections that wait: changes with the target and with the slot's user.
    var generation: UInt32 = 0
    var listener: Int32 = -1
    var network: UInt32 = 0
    var target = Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 0)
    /// Whom the far side looks up; none where the target has an address.
    var name = FarName()
    /// The link by which it was named last.
    var link: UInt32 = 0
}
