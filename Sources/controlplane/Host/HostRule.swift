internal import Protocol

/// A policy rule of ours (ip-rule(8)), always with our routing protocol.
struct HostRule: Hashable, Sendable {
    let family: Family
    let preference: UInt32
    let table: UInt32
    /// Firewall mark and its mask; nil: every packet.
    var mark: Mark?

    struct Mark: Hashable, Sendable {
        let value: UInt32
        let mask: UInt32
    }

    var addLine: String { "rule add " + words }
    var deleteLine: String { "rule del " + words }

    private var words: String {
        var words = "pref \(preference)"
        if let mark {
            let value = String(mark.value, radix: 16)
            words += " fwmark 0x\(value)/0x\(String(mark.mask, radix: 16))"
        }
        return words + " lookup \(table) protocol \(HostNames.routeProtocol)"
    }
}
