internal import Protocol

/// What an own dnsmasq gives the hosts behind one interface: a `[[dhcp]]`.
struct DHCPSettings: Hashable, Sendable {
    /// A host that always has the same address.
    struct StaticHost: Hashable, Sendable {
        /// Six bytes in hexadecimal, in small letters and with colons.
        let hardware: String
        /// IPv4, as text in its canonical form.
        let address: String
        let name: String?
    }

    let interface: String

    /// The first and the last address that is given to whoever asks: IPv4.
    let first: Address
    let last: Address

    /// How long an address may be kept, in seconds.
    let leaseSeconds: Int

    /// In which the hosts have their names.
    let domain: String?

    let hosts: [StaticHost]
}
