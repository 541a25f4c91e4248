internal import Reports

/// A text that somebody looks for among networks: a part of a name, gateway or prefix. Pure.
struct NetworkSearch: Sendable {
    private let needle: String

    init(_ text: String) { needle = text.lowercased() }

    /// Nothing is looked for.
    var isEmpty: Bool { needle.isEmpty }

    func finds(_ network: NetworkReport) -> Bool {
        finds(network.name, network.gateway, network.prefixes)
    }

    func finds(_ network: Network) -> Bool {
        finds(network.name, network.tunnel?.gateway, network.prefixes.map(\.text))
    }

    private func finds(_ name: String, _ gateway: String?, _ prefixes: [String]) -> Bool {
        has(name) || gateway.map(has) == true || prefixes.contains(where: has)
    }

    private func has(_ text: String) -> Bool { text.lowercased().contains(needle) }
}
