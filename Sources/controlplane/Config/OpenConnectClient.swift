/// A tunnel through openconnect(8), as it is configured.
struct OpenConnectClient: Hashable, Sendable {
    /// The gateway's name or address, and its TCP port.
    let host: String
    var port = ConfigDefaults.openConnectPort
    /// The tunnel's network device.
    let device: String

    /// A word of openconnect's `--protocol`.
    var protocolName = "anyconnect"

    let username: String
    let password: Secret

    /// `pin-sha256:…` of the gateway's certificate; nil: the system's authorities judge it.
    var serverCertificate: String?

    /// A foreign script that sets up the device in place of ours; nil for ours.
    var script: String?
}
