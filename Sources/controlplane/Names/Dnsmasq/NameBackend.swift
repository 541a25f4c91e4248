/// A way to make a dnsmasq follow our rules.
protocol NameBackend: Actor {
    /// Makes the rules hold; nothing happens where they do already.
    func apply(_ rules: DnsmasqRules) async throws(NameFailure)

    /// Why the rules do not hold; nil while they do.
    var complaint: NameFailure? { get }

    /// Ends our part. What dnsmasq has been told stays in force.
    func stop() async
}
