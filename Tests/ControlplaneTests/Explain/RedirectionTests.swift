import Testing

@testable import controlplane

@Suite struct RedirectionTests {
    @Test func `only entries to dvpn's port count`() {
        let listing = """
            table inet dvpn {
            \tchain redirect_in {
            \t\ttype nat hook prerouting priority dstnat; policy accept;
            \t\tiifname "dvpn0" ip dscp 0x3e accept
            \t\tiifname "dvpn0" meta l4proto tcp redirect to :3876
            \t\ttcp dport 80 redirect to :8080
            \t}
            }
            """
        #expect(
            Redirection.entries(listing) == [#"iifname "dvpn0" meta l4proto tcp redirect to :3876"#]
        )
        #expect(Redirection.entries("").isEmpty)
    }

    @Test func `a chain without one is missing`() {
        #expect(Redirection().missing == ["redirect_in", "redirect_out"])
        #expect(
            Redirection(entries: ["redirect_in": ["x"], "redirect_out": []]).missing == [
                "redirect_out"
            ])
    }

    @Test func `the chains are those of the script that dvpn loads, with such entries`() {
        let script = SteeringScript.redirecting + SteeringScript.departing(HostUsers())
        for chain in Redirection.chains + [Redirection.eagerChain] {
            let lead = "add rule inet dvpn \(chain) "
            let rules = script.split(separator: "\n").filter { $0.hasPrefix(lead) }
                .map { String($0.dropFirst(lead.count)) }.joined(separator: "\n")
            #expect(!Redirection.entries(rules).isEmpty, "\(chain)")
        }
    }
}
