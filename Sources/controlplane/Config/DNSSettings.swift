/// How the names of private networks get to programs: `[dns]`.
struct DNSSettings: Hashable, Sendable {
    /// Which dnsmasq is told.
    enum Mode: Hashable, Sendable {
        /// None: names are somebody else's business.
        case none
        /// The system's, by a file in its configuration directory.
        case dropIn
        /// The system's, over D-Bus.
        case dbus
        /// One of dvpn's own.
        case managed
    }

    /// How this host's own programs come to these names.
    enum Host: Hashable, Sendable {
        case none
        /// resolv.conf names a dnsmasq of this host; that is checked, never written.
        case dnsmasq
        /// systemd-resolved is told to ask dvpn for private domains.
        case resolved
    }

    var mode = Mode.none
    var host = Host.none

    /// Addresses on which an own dnsmasq listens, as text in its canonical form.
    var listen: [String] = []

    /// Whom an own dnsmasq asks for public names; empty: those in resolv.conf.
    var upstream: [Nameserver] = []

    /// The port on which an own dnsmasq listens.
    var port = Int(Nameserver.standardPort)

    /// The file that dvpn writes for the system's dnsmasq.
    var dropIn = "/etc/dnsmasq.d/dvpn.conf"

    /// The main configuration file of the system's dnsmasq, against which the drop-in is tested.
    var systemConfig = "/etc/dnsmasq.conf"

    /// Where the system's dnsmasq writes its process number.
    var pidFile = "/run/dnsmasq/dnsmasq.pid"

    /// What makes the system's dnsmasq read its configuration: a program and its arguments.
    var restart = ["systemctl", "restart", "dnsmasq"]

    /// The port of our forwarder on 127.0.0.1: one that root alone may take, so that nobody answers
    /// in its place while it is away.
    var forwarderPort = 538

    /// What an own dnsmasq gives the LAN's hosts beside names.
    var dhcp: [DHCPSettings] = []

    /// Whether anybody asks the forwarder.
    var needsForwarder: Bool { mode != .none || host == .resolved }
}
