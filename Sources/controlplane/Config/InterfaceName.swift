/// Which names an interface in `lan` may have.
enum InterfaceName {
    /// The reason against the name; nil where there is none.
    ///
    /// Linux allows more (anything but `/`, `:` and spaces), but a name goes into an nftables script.
    static func objection(to name: String) -> String? {
        if name == "lo" {
            return "\"lo\" needs no entry: this host's own programs are served anyway"
        }
        if name == "dvpn0" { return "\"dvpn0\" is dvpn's own device" }
        if name.contains("*") || name.contains("+") {
            return "\"\(name)\" has a wildcard in it: write each interface by name"
        }
        let isAllowed = name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                || "._-@".utf8.contains(byte)
        }
        let length = name.utf8.count
        guard isAllowed, (1...ConfigDefaults.interfaceLengthMax).contains(length),
            name != ".", name != "..", !name.hasPrefix("-")
        else { return "\"\(name)\" is not the name of an interface" }
        return nil
    }
}
