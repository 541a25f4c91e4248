/// The script that makes a host a gateway: what is printed is what is performed. Pure.
///
/// It finds out itself what is there and shows or makes the difference, so that it can be read,
/// copied and run without dvpn. POSIX sh, and what Debian, Alpine or OpenWrt have anyway.
enum FarScript {
    /// What it is asked for, as its first word.
    enum Verb: String {
        /// Shows what would change.
        case diff
        /// Changes it.
        case apply
        /// The same, but takes it back unless it reads `keep` within a minute.
        case attempt = "try"
        /// Says what is not as it should be.
        case inspect
    }

    /// The line after which `try` waits for `keep`.
    static let applied = "dvpn: applied"

    static func render(_ side: FarSide) -> String {
        """
        #!/bin/sh
        # Makes this host a gateway of dvpn for one user, \(side.user), and touches nobody else's access.
        # Written by `dvpnctl gateway setup`.
        #
        #   sh FILE            shows what would change
        #   sh FILE apply      changes it, or leaves everything as it was
        #   sh FILE inspect    says what is not as it should be
        set -eu
        verb=${1:-diff}
        user='\(side.user)'
        jail='\(side.jail ?? "")'
        keys='\(side.keyFile)'
        rules='\(side.ruleFile)'
        table='\(side.table)'
        stamp='\(side.stamp)'

        wanted_keys() {
            cat <<'END_OF_DVPN'
        \(side.authorizedKeys)END_OF_DVPN
        }

        wanted_access() {
            cat <<'END_OF_DVPN'
        \(side.access)END_OF_DVPN
        }

        wanted_rules() {
            cat <<'END_OF_DVPN'
        \(side.rules)END_OF_DVPN
        }

        wanted_unit() {
            cat <<'END_OF_DVPN'
        \(side.unit)END_OF_DVPN
        }

        \(start)
        \(look)
        \(change)
        """
    }

    /// A command line for the login shell of a person who may become root there. It reads the
    /// script from its standard input: an argument has at most 128 KiB. What comes behind it, which
    /// is said only when the script asks for it, is the script's.
    static func command(_ script: String, _ verb: Verb) -> String {
        let words =
            "sh -c 'eval \"$(head -c \(script.utf8.count))\"' dvpn-gateway \(verb.rawValue)"
        return "if [ \"$(id -u)\" = 0 ]; then \(words); else sudo -n \(words); fi"
    }
}
