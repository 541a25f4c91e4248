/// Ports of private hosts that nobody reaches: `block-ports`.
extension SteeringScript {
    /// Before the doorbell hears of it, and before a tunnel's device.
    static let isBlocked = """
        ip daddr . meta l4proto . th dport @blocked4 goto blocked
        ip6 daddr . meta l4proto . th dport @blocked6 goto blocked
        """

    /// Refused in a way that programs understand at once.
    static let blocking = NftText.rules(
        table, "blocked",
        """
        meta l4proto tcp counter name filtered reject with tcp reset
        counter name filtered reject with icmpx type admin-prohibited
        """)
}
