internal import Reports

/// Whether the guard stands, and what nftables has dropped of late.
extension Doctor {
    static func drops(_ facts: DoctorFacts) -> [Check] {
        guarding(facts)
            + meanings.compactMap { counter, code, text, fix in
                guard let count = facts.drops[counter], count > 0 else { return nil }
                return Check(
                    code, code == .droppedForged ? .warning : .notice, "\(count) \(text)", fix: fix)
            }
    }

    private static func guarding(_ facts: DoctorFacts) -> [Check] {
        if facts.drops["leak"] == 0 {
            return [Check(.guarded, .ok, "the guard is there, and had nothing to drop")]
        }
        // Where dvpn does not run, or nftables may not be asked, that means nothing.
        let isAsked = facts.features.contains { $0.name == NftFeature.whole && $0.state == .there }
        guard facts.isRunning, isAsked, facts.drops["leak"] == nil else { return [] }
        return [
            Check(
                .guardMissing, .error,
                "nothing keeps private packets from leaving in the clear: table inet "
                    + "\(HostNames.guarding) is not there", fix: "dvpnctl reload puts it back")
        ]
    }

    /// nft's counter, and what it says.
    private static let meanings: [(String, FindingCode, text: String, fix: String)] = [
        (
            "leak", .droppedLeak,
            "packets for private addresses would have left in the clear, and were dropped",
            "some are normal while dvpn starts; if there are more now: dvpnctl reload"
        ),
        (
            "stranger", .droppedStranger,
            "packets for private addresses came from outside the LAN, and were dropped",
            "if they may come, add their interface to `lan`"
        ),
        (
            "forged", .droppedForged,
            "packets from the doorbell were not what they should be, and were dropped",
            "look who beside dvpn-dataplane has a tun device open: fuser -v /dev/net/tun; if nobody "
                + "has: dvpnctl bugreport"
        ),
        (
            "straight", .droppedStraight, "connections came to dvpn's own port, and were refused",
            "clients connect to the private addresses themselves: look for a port scan"
        ),
        (
            "returned", .droppedReturned,
            "packets came back from a tunnel that had gone, and were dropped",
            "some are normal when a tunnel ends; why it ended: dvpnctl events"
        ),
    ]
}
