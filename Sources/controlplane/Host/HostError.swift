/// Why the host's network could not be brought into the wanted state; always with what to do.
struct HostError: Error, Equatable, CustomStringConvertible {
    /// Stable across versions.
    enum Code: String, Sendable {
        /// `ip` or `nft` is not installed.
        case toolMissing = "tool-missing"
        /// Not root, or without CAP_NET_ADMIN in this network namespace.
        case notPermitted = "not-permitted"
        /// The kernel has no nf_tables, or not all that our rules need.
        case noNetfilter = "no-nftables"
        /// The kernel has no TUN devices, or /dev/net/tun is not there.
        case noTun = "no-tun"
        /// There is a device of the doorbell's name that dvpn did not make.
        case foreignDevice = "foreign-device"
        /// A tunnel's device is not there, is down or has no address.
        case tunnelDevice = "tunnel-device"
        /// A tool refused what it was told.
        case refused
        /// A tool's answer is of an unknown form.
        case unexpectedAnswer = "unexpected-answer"
        /// A file of ours, or under /proc/sys, could not be read or written.
        case file
    }

    let code: Code
    let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
