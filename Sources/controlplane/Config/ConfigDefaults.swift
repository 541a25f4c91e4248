internal import Protocol

/// What holds where the configuration says nothing, and the range of each number.
enum ConfigDefaults {
    /// Longer than most dials, shorter than most programs wait for connect().
    static let holdMs = 30_000
    static let holdMsRange = 100...Int(Limits.holdMsMax)

    static let connectionsMax = 20_000
    static let halfOpenMax = 8_192
    static let halfOpenPerSourceMax = 6_144
    static let limitRange = 1...1_000_000

    static let idleMs = 300_000
    /// Below a second a tunnel would be closed between two requests of one page; a week is `never`.
    static let idleMsRange = 1_000...604_800_000

    /// How long a person has for an answer: as long as most clients wait for connect().
    static let promptMs = 120_000
    /// From a code that lies at hand to the longest time that a packet may wait.
    static let promptMsRange = 1_000...Int(Limits.holdMsMax) - dialMs
    /// What a dial may take beside.
    static let dialMs = 30_000

    /// Longer than a peer that is merely slow, shorter than a person's patience.
    static let stallMs = 20_000
    static let stallMsRange = 1_000...600_000

    /// Rules of one filter, the one for the rest included.
    static let filterRulesMax = Limits.rulesPerFilterMax
    /// Different start filters of all networks: the dataplane holds each once.
    static let startFiltersMax = Int(Limits.filtersMax)

    static let networksMax = Limits.networksMax

    /// What a `[[map]]` takes for lines that say nothing of it.
    static let mapUser = "dvpn-gate"
    static let mapLength4 = 24
    static let mapLength4Range = 1...32
    static let mapLength6 = 64
    static let mapLength6Range = 1...128

    /// Of a forward's Unix socket.
    static let forwardMode = 0o660

    /// A day would keep the addresses of guests; less than two minutes is noise.
    static let leaseMs = 43_200_000
    static let leaseMsRange = 120_000...2_592_000_000

    static let sshPort = 22
    static let openConnectPort = 443
    static let portRange = 1...65_535
    static let identity = "/etc/dvpn/ssh/id_ed25519"
    static let knownHosts = "/etc/dvpn/ssh/known_hosts"

    /// A stock sshd has 1,024 descriptors and reports running out of them as a refusal.
    static let connectionsPerMaster = 900
    /// The same where each is a session: `MaxSessions` of a stock sshd.
    static let sessionsPerMaster = 10
    static let connectionsPerMasterRange = 1...100_000

    /// IFNAMSIZ of netdevice(7) without its NUL.
    static let interfaceLengthMax = Limits.deviceNameLength - 1
}
