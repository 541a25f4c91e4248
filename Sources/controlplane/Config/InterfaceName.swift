/// Which names interfaces may have, and which ones tunnels' devices get.
enum InterfaceName {
    /// The reason against the name in `lan`; nil where there is none.
    static func objection(to name: String) -> String? {
        if name == "lo" {
            return "\"lo\" needs no entry: this host's own programs are served anyway"
        }
        if name == HostNames.device { return "\"\(name)\" is dvpn's own device" }
        if name.contains("*") || name.contains("+") {
            return "\"\(name)\" has a wildcard in it: write each interface by name"
        }
        return isValid(name) ? nil : "\"\(name)\" is not the name of an interface"
    }

    /// The reason against the name as that of a tunnel's device; nil where there is none.
    static func objection(toDevice name: String) -> String? {
        if name == "lo" { return "\"lo\" cannot be a tunnel" }
        if name == HostNames.device { return "\"\(name)\" is dvpn's own device" }
        // iproute2 shows a link's parent behind an @.
        let isGood = isValid(name) && !name.contains("@")
        return isGood ? nil : "\"\(name)\" is not the name of an interface"
    }

    /// The device of a network's tunnel: known before the tunnel is, so that rules can name it.
    ///
    /// `dv-` and the network's name where both fit, else `dv-` and ten hexadecimal digits.
    static func ofTunnel(network: String) -> String {
        let plain = "dv-\(network)"
        let fits = plain.utf8.count <= ConfigDefaults.interfaceLengthMax
        return fits ? plain : "dv-\(StableHash.digits(10, of: network))"
    }

    /// Linux allows more (anything but `/`, `:` and spaces), but a name goes into nftables scripts.
    private static func isValid(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0.isAlphanumeric || "._-@".utf8.contains($0) }
            && (1...ConfigDefaults.interfaceLengthMax).contains(name.utf8.count)
            && name != "." && name != ".." && !name.hasPrefix("-")
    }
}
