/// A tunnel through vpnc(8) to a concentrator of Cisco's kind, as it is configured.
struct VPNCClient: Hashable, Sendable {
    /// How ESP gets through a NAT: the words of vpnc's `NAT Traversal Mode`.
    enum NATTraversal: String, Hashable, Sendable, CaseIterable {
        /// NAT-T (RFC 3947) where a NAT is found.
        case natt
        /// NAT-T always.
        case forceNatt = "force-natt"
        case ciscoUDP = "cisco-udp"
        case none
    }

    /// The Diffie-Hellman group of phase 1: the words of vpnc's `IKE DH Group`.
    enum DHGroup: String, Hashable, Sendable, CaseIterable {
        case dh1, dh2, dh5, dh14, dh15, dh16, dh17, dh18
    }

    /// The concentrator's name or address.
    let host: String
    /// The tunnel's network device.
    let device: String

    /// vpnc's `IPSec ID` and `IPSec secret`.
    let group: String
    let groupSecret: Secret

    /// For XAuth.
    let username: String
    let password: Secret

    var natTraversal = NATTraversal.natt
    var dhGroup = DHGroup.dh2

    /// A foreign script that sets up the device in place of ours; nil for ours. What it changes of
    /// routes and resolv.conf is repaired afterwards.
    var script: String?
}
