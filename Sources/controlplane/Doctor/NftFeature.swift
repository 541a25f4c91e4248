/// One thing that dvpn's rules need of nftables, with a script that needs nothing else. Pure.
///
/// The scripts are only checked (`nft --check`): the kernel looks at them and takes nothing on.
struct NftFeature {
    let name: String
    /// After "for".
    let purpose: String
    let module: String
    /// Hook and priority of a chain, or none of a set alone.
    private let chain: String
    private let rules: [String]
    private var set: String?

    var fix: String {
        "load the kernel module \(module) (modprobe \(module)), or use a kernel that has it"
    }

    /// All of them at once.
    static let whole = "nftables"

    static let table = "add table inet \(tableName)\n"
    private static let tableName = "dvpn_probe"

    /// Each with names of its own, so that all of them make one script, too.
    var script: String {
        let set = set.map { "add set inet \(Self.tableName) set_\(module) { \($0) }\n" } ?? ""
        return set + "add chain inet \(Self.tableName) \(module) { \(chain); }\n"
            + rules.map { "add rule inet \(Self.tableName) \(module) \($0)\n" }.joined()
    }

    private init(
        _ name: String, for purpose: String, module: String, chain: String, set: String? = nil,
        _ rules: String...
    ) {
        self.name = name
        self.purpose = purpose
        self.module = module
        self.chain = "type \(chain)"
        self.set = set
        self.rules = rules
    }

    static let all = [
        NftFeature(
            "redirect (nftables)", for: "the way to the dataplane", module: "nft_redir",
            chain: "nat hook prerouting priority -100", "meta l4proto tcp redirect to :3876"),
        NftFeature(
            "fib (nftables)", for: "telling private destinations by their routes",
            module: "nft_fib_inet", chain: "filter hook prerouting priority raw",
            "fib daddr oifname \"lo\" fib daddr type unicast accept"),
        NftFeature(
            "reject in prerouting (nftables)", for: "prompt refusals", module: "nft_reject_inet",
            chain: "filter hook prerouting priority -145", "meta l4proto tcp reject with tcp reset",
            "reject with icmpx type host-unreachable"),
        NftFeature(
            "ranges in concatenations (nftables)", for: "the guard and `block-ports`",
            module: "nf_tables", chain: "filter hook forward priority raw",
            set: "type ipv4_addr . inet_proto . inet_service; flags interval;",
            "ip daddr . meta l4proto . th dport @set_nf_tables drop"),
        NftFeature(
            "sets that forget (nftables)", for: "use of tunnels and rates of refusals",
            module: "nft_limit", chain: "filter hook postrouting priority mangle",
            set: "type ipv4_addr; size 16; flags dynamic,timeout; timeout 10s;",
            "update @set_nft_limit { ip saddr limit rate 1/second burst 5 packets } accept"),
        NftFeature(
            "connection tracking (nftables)", for: "redirection and tunnels' answers",
            module: "nft_ct", chain: "filter hook prerouting priority raw",
            "ct state established ct mark 1 accept", "notrack"),
        NftFeature(
            "masquerade (nftables)", for: "packets into tunnels", module: "nft_masq",
            chain: "nat hook postrouting priority srcnat", "masquerade"),
        NftFeature(
            "route chains and users (nftables)", for: "this host's own programs",
            module: "nft_chain_nat", chain: "route hook output priority raw",
            "meta skuid 0 accept", "meta mark set meta mark and 0xffffff00 xor 0xd0"),
    ]
}
