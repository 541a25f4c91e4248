internal import Protocol

/// An address inside a network, which is reached through its tunnel.
enum InnerAddress {
    /// The reason against the text; nil where there is none.
    ///
    /// - Parameter prefixes: the network's; none where they are wrong themselves.
    static func objection(
        to text: String, _ prefixes: [Prefix]
    ) -> (message: String, hint: String?)? {
        guard let (address, family) = Address.parse(text) else {
            return ("\"\(text)\" is not an address", "write it like 10.1.2.53 or fd00:1:2::53")
        }
        let isInside = prefixes.contains { $0.contains(address, family) }
        guard !isInside, !prefixes.isEmpty else { return nil }
        let prefix = Prefix(family: family, length: family.bits, address: address)
        return (
            "\(text) lies in none of the network's prefixes",
            "add \"\(prefix.text)\" to `prefixes`: what goes there leaves in the clear otherwise"
        )
    }
}
