internal import FoundationEssentials

/// The address at which each gateway was last found: `STATE/gateways.json`.
///
/// A gateway's name must never need its own tunnel. Where it cannot be looked up now (its zone is
/// behind the tunnel, the resolver is away), the last address that worked is tried.
struct GatewayAddresses: Sendable {
    private let path: String
    private(set) var lastGood: [String: String]

    /// Reads the file; one that is missing or damaged knows nothing.
    init(stateDirectory: String) {
        path = "\(stateDirectory)/gateways.json"
        let bytes = (try? AtomicFile.read(path)) ?? nil
        lastGood =
            bytes.flatMap { try? JSONDecoder().decode([String: String].self, from: Data($0)) }
            ?? [:]
    }

    /// A tunnel came up on this address.
    mutating func worked(_ address: String, for host: String) throws(ProcessError) {
        guard lastGood[host] != address, host != address else { return }
        lastGood[host] = address
        guard let data = try? JSONEncoder().encode(lastGood) else {
            preconditionFailure("texts always encode")
        }
        try AtomicFile.write(Array(data), to: path, mode: 0o600, durable: true)
    }
}
