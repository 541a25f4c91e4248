internal import FoundationEssentials
internal import Reports

/// What the configuration says of gateways. The controlplane's own executable reads it.
enum ConfiguredGateways {
    /// - Parameter word: a network's name or a gateway's host.
    static func named(_ word: String, config: String) throws(ClientError) -> [GatewayReport] {
        let end = try Child.run(
            Companion.path(Companion.controlplane), ["--config", config, "--gateways", word])
        guard end.status == 0 else {
            throw .here(end.text, end.status == 78 ? .configuration : .failed)
        }
        do {
            return try ReportCoding.decode(GatewaysReport.self, from: Data(end.text.utf8)).gateways
        } catch {
            throw .here("cannot understand \(Companion.controlplane): \(end.text)")
        }
    }

    /// The one network of that name, which must have an ssh gateway.
    static func network(_ name: String, config: String) throws(ClientError) -> GatewayReport {
        let found = try named(name, config: config)
        guard let gateway = found.first(where: { $0.network == name }) ?? found.first else {
            throw .here(
                "\(config) has no network \"\(name)\" with via = \"ssh\", and no such gateway",
                .configuration)
        }
        return gateway
    }
}
