/// Everything a person has configured, checked: a value of this type can be put into effect.
struct Configuration: Hashable, Sendable {
    /// Interfaces whose forwarded traffic is served. Empty: this host's own programs only.
    var lan: [String] = []

    /// Whether what LAN clients send to the rest of the world gets this host's address.
    var masquerade = false

    /// How long a packet may wait for its tunnel, in milliseconds.
    var holdMs: Int = ConfigDefaults.holdMs

    var limits = LimitSettings()

    var dns = DNSSettings()

    /// nil: there is no web page.
    var web: WebSettings?

    /// In the order of the files and their lines; names and prefixes are unique.
    var networks: Networks = []

    /// Files with more networks, in the order in which they count.
    var maps: [MapSettings] = []

    /// Places to listen and what is reached by them; no two listen in one place.
    var forwards: [ForwardSettings] = []

    /// What a person should know about it.
    var notices: [ConfigNotice] = []
}
