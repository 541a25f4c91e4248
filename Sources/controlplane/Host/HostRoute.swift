internal import Protocol

/// A route in a table of ours (ip-route(8)), always with our routing protocol.
struct HostRoute: Hashable, Sendable {
    enum Kind: String, Sendable {
        /// To a device.
        case unicast
        /// Answers the sender with an error: what is behind a device that has gone.
        case unreachable
        /// "Not in this table": the search goes on with the next rule.
        case `throw`
        /// Any that we do not make; can only be removed.
        case other
    }

    let table: UInt32
    let prefix: Prefix
    let kind: Kind
    var device: String?
    /// IPv4: nil is 0. IPv6: the kernel has no 0.
    var metric: UInt32
    /// The address that local sockets get which have none yet.
    var source: String?
    /// The longest packet that local sockets send by it; nil: as long as the device takes.
    var mtu: Int?

    /// What the kernel tells routes of one table apart by.
    struct Key: Hashable {
        let table: UInt32
        let prefix: Prefix
        let metric: UInt32
    }

    var key: Key { Key(table: table, prefix: prefix, metric: metric) }

    /// A line for `ip -batch -` that makes the route or changes the one with this key.
    var replaceLine: String { "route replace " + words }

    /// A line for `ip -batch -` that removes it.
    var deleteLine: String {
        let type = kind == .other ? "" : "\(kind.rawValue) "
        return "route del \(type)\(prefix.text) table \(table) metric \(metric)"
            + " proto \(HostNames.routeProtocol)"
    }

    private var words: String {
        var words = kind == .unicast ? "" : "\(kind.rawValue) "
        words += prefix.text
        if let device { words += " dev \(device)" }
        words += " table \(table) metric \(metric)"
        if let source { words += " src \(source)" }
        if let mtu { words += " mtu \(mtu)" }
        return words + " proto \(HostNames.routeProtocol)"
    }
}
