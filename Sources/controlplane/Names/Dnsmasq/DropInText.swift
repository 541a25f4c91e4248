/// The file that we put beside the configuration of the system's dnsmasq.
enum DropInText {
    /// Whoever sees this line in the file may know that it can go.
    static let mark = "# Written by dvpn-controlplane for the system's dnsmasq; changes are lost."
    /// A keyword that dnsmasq takes once: where the system's configuration has it, that stands.
    private static let forwardMax = "dns-forward-max=\(ManagedConfiguration.forwardMax)"

    static func render(
        _ rules: DnsmasqRules, serversFile: String, setsForwardMax: Bool
    ) -> String {
        var lines = [mark]
        if setsForwardMax { lines.append(forwardMax) }
        lines += rules.rebindLines
        lines.append("servers-file=\(serversFile)")
        return lines.map { $0 + "\n" }.joined()
    }

    /// The same without the keywords that dnsmasq takes once, to be tested beside an older file of
    /// ours, which has them.
    static func additions(_ rules: DnsmasqRules) -> String {
        ([mark] + rules.rebindLines).map { $0 + "\n" }.joined()
    }

    static func setsForwardMax(_ text: String) -> Bool {
        text.split(separator: "\n").contains { $0 == forwardMax }
    }
}
