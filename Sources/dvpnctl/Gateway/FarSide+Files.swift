/// The files of a gateway.
extension FarSide {
    /// authorized_keys: what sshd's configuration allows is less; this counts where that is lost.
    var authorizedKeys: String {
        let options = kind == .forward ? "restrict,port-forwarding" : "restrict"
        return keys.map { "\(options) \($0)\n" }.joined()
    }

    /// What sshd is told of the user: `Match User` closes what `restrict` in authorized_keys leaves
    /// open, which is commands and -R.
    var access: String {
        let lines = kind == .forward ? forwarding : jailing
        return """
            # dvpn: user \(user) \(kind == .forward ? "forwards" : "runs netcat in a jail") and \
            does nothing else. Nobody else is concerned.
            Match User \(user)
            \(lines.map { "    \($0)\n" }.joined())
            """
    }

    private var forwarding: [String] {
        common + [
            "AllowTcpForwarding local",
            "PermitListen none",
            // Networks are the rule set's matter: PermitOpen takes hosts only.
            "PermitOpen any",
            // Not 0: when a session begins, sshd sets TCP_NODELAY for the connection.
            "MaxSessions 1",
            "ForceCommand /bin/false",
        ]
    }

    private var jailing: [String] {
        common + [
            "AllowTcpForwarding no",
            "PermitListen none",
            "MaxSessions 10",
            "ChrootDirectory \(jail ?? "none")",
            "ForceCommand \(Self.onlyNetcat)",
        ]
    }

    private var common: [String] {
        [
            "AuthorizedKeysFile \(keyFile)",
            "PubkeyAuthentication yes",
            "AuthenticationMethods publickey",
            "AllowStreamLocalForwarding no",
            "AllowAgentForwarding no",
            "X11Forwarding no",
            "PermitTTY no",
            "PermitTunnel no",
            "PermitUserRC no",
        ]
    }

    /// Says how to ask when somebody asks for anything else; `gateway check` knows it by this.
    static let jailWords = "only: nc ADDRESS PORT"

    /// The shell's words that stand before every request: two words of digits and nothing that a
    /// shell or netcat would understand otherwise.
    private static let onlyNetcat =
        "set -f; set -- $SSH_ORIGINAL_COMMAND; "
        + "case \"$1,$2,$3,$4\" in nc,*[!0-9a-fA-F.:]*,*,|nc,*,*[!0-9]*,|nc,,*,|nc,*,,) ;; "
        + "nc,*,*,) exec /dvpn-jail/nc \"$2\" \"$3\" ;; esac; "
        + "echo \"\(jailWords)\" >&2; exit 64"

    /// nft's rules: what the user's processes may reach. Loaded twice they are the same.
    var rules: String {
        let four = prefixes.filter { !$0.contains(":") }
        let six = prefixes.filter { $0.contains(":") }
        let sets = set("reachable4", "ipv4_addr", four) + set("reachable6", "ipv6_addr", six)
        let allowed =
            (four.isEmpty ? "" : "        ip daddr @reachable4 meta l4proto tcp accept\n")
            + (six.isEmpty ? "" : "        ip6 daddr @reachable6 meta l4proto tcp accept\n")
        return """
            # dvpn: what user \(user) may reach from this host. Nobody else is concerned.
            table inet \(table)
            delete table inet \(table)
            table inet \(table) {
            \(sets)    chain output {
                    type filter hook output priority filter; policy accept;
                    meta skuid "\(user)" goto confined comment "\(stamp)"
                }
                chain confined {
            \(allowed)        counter reject with icmpx type admin-prohibited
                }
            }

            """
    }

    /// By which the rules in the kernel are known to be these.
    var stamp: String {
        // FNV-1a: another set of prefixes must have another mark, nothing more.
        let hash = prefixes.joined(separator: " ").utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
        return "dvpn " + String(hash, radix: 16)
    }

    private func set(_ name: String, _ type: String, _ elements: [String]) -> String {
        guard !elements.isEmpty else { return "" }
        return """
                set \(name) {
                    type \(type)
                    flags interval
                    auto-merge
                    elements = { \(elements.joined(separator: ", ")) }
                }

            """
    }

    /// Loads the rules at boot, and again when nftables.service has thrown everything away.
    var unit: String {
        """
        [Unit]
        Description=What user \(user) may reach from this host (dvpn)
        After=nftables.service
        Before=ssh.service sshd.service
        PartOf=nftables.service
        ReloadPropagatedFrom=nftables.service

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/usr/sbin/nft -f \(ruleFile)
        ExecReload=/usr/sbin/nft -f \(ruleFile)

        [Install]
        WantedBy=multi-user.target nftables.service

        """
    }
}
