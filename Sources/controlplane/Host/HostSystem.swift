/// The few ways in which dvpn touches the host's network: tests put a scripted host in its place.
protocol HostSystem: Sendable {
    /// Runs a tool, with `input` on its standard input, and returns what it wrote.
    /// An exit status other than 0 is an error that bears the tool's own words.
    func run(_ tool: HostTool, _ arguments: [String], input: String) async throws(HostError)
        -> String

    /// A setting under /proc/sys/net; nil where the kernel does not have it.
    func setting(_ key: String) -> String?

    /// Writes a setting. One that has gone, with its interface, is passed over.
    func set(_ key: String, to value: String) throws(HostError)

    /// Makes the doorbell, without configuring it; queues may be opened by root and `owner`.
    func createDevice(owner: UInt32) throws(HostError)

    /// The kernel's release, see uname(2).
    var kernelRelease: String { get }
}

/// A program that dvpn runs to configure the host.
enum HostTool: String, Sendable {
    case ip
    case nft

    /// The Debian package that has it.
    var package: String {
        switch self {
        case .ip: "iproute2"
        case .nft: "nftables"
        }
    }
}
