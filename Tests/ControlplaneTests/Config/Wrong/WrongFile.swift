import Testing

/// The wrong files that people write, each with everything that dvpn says about it.
///
/// Every file here is `dvpn.toml` unless a second one, `dvpn.d/b.toml`, is given too. The messages
/// are the exact ones, hint included, without the file's name where it is the first.
struct WrongFile: CustomTestStringConvertible, Sendable {
    let what: String
    let text: String
    let second: String?

    /// A line for each complaint, and its hint indented under it.
    let messages: String

    init(_ what: String, _ text: String, second: String? = nil, _ messages: String) {
        self.what = what
        self.text = text
        self.second = second
        self.messages = messages
    }

    var testDescription: String { what }

    /// A network without mistakes, to put mistakes into: four lines.
    static let home = """
        [[network]]
        name = "home"
        prefixes = ["10.1.2.0/24"]
        via = "direct"
        """

    /// The same through ssh: five lines.
    static let ssh = """
        [[network]]
        name = "home"
        prefixes = ["10.1.2.0/24"]
        via = "ssh"
        gateway = "dvpn@203.0.113.7"
        """

    /// A network through vpnc without mistakes, with more keys of its own on line 6.
    static func vpnc(_ keys: String = "") -> String {
        """
        [[network]]
        name = "work"
        prefixes = ["10.66.0.0/16"]
        via = "vpnc"
        gateway = "vpn.corp.example"
        \(keys)
        [network.vpnc]
        group = "staff"
        group-secret = { file = "/g" }
        username = "rob"
        password = { ask = true }
        """
    }

    /// The same through openconnect.
    static let openconnect = """
        [[network]]
        name = "work"
        prefixes = ["10.66.0.0/16"]
        via = "openconnect"
        gateway = "vpn.corp.example"
        [network.openconnect]
        username = "rob"
        password = { ask = true }
        """

    /// The same by a command.
    static let command = """
        [[network]]
        name = "work"
        prefixes = ["10.66.0.0/16"]
        via = "command"
        [network.command]
        start = ["/bin/tunnel"]
        """

    static let all: [WrongFile] =
        syntax + keys + types + networks + prefixes + gateways + tunnels + interfaces + files
        + dns + web + forwards + dhcps + names + packets + filters + secrets + vpncs
        + openconnects + commands + devices
}
