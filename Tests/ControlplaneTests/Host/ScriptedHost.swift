import Synchronization

@testable import controlplane

/// A host that writes down what it is told and answers from a table.
final class ScriptedHost: HostSystem {
    private struct State {
        var log: [String] = []
        var settings: [String: String]
    }

    private let state: Mutex<State>
    private let failing: String?
    private let links: String

    /// Links of a host whose doorbell stands since an earlier life.
    static let doorbell = """
        [{"ifname":"dvpn0","flags":["POINTOPOINT","NOARP","UP"],"mtu":1500,"txqlen":4096,\
        "linkinfo":{"info_kind":"tun","info_data":{"type":"tun","pi":false,"multi_queue":true,\
        "persist":true}},"addr_info":[{"family":"inet","local":"192.0.0.8","prefixlen":32,\
        "scope":"global"}]}]
        """

    let kernelRelease = "6.1.0-18-amd64"

    /// - Parameter failing: a line of the log that fails, by how it begins.
    init(
        settings: [String: String] = ["ipv6/conf/all/disable_ipv6": "0"], failing: String? = nil,
        links: String = "[]"
    ) {
        state = Mutex(State(settings: settings))
        self.failing = failing
        self.links = links
    }

    /// What happened, one line each: `ip -4 -batch - (2 lines)`, `set KEY VALUE`, `create`.
    var log: [String] { state.withLock { $0.log } }

    /// What changed something.
    var changes: [String] { log.filter { !$0.contains("show") && !$0.contains("list") } }

    func run(
        _ tool: HostTool, _ arguments: [String], input: String
    ) async throws(HostError) -> String {
        let lines = input.split(separator: "\n").count
        let words = ([tool.rawValue] + arguments).joined(separator: " ")
        try note(lines > 0 ? "\(words) (\(lines) lines)" : words)
        return words.contains("address show") ? links : ""
    }

    func setting(_ key: String) -> String? { state.withLock { $0.settings[key] } }

    func set(_ key: String, to value: String) throws(HostError) {
        try note("set \(key) \(value)")
        state.withLock { $0.settings[key] = value }
    }

    func createDevice(owner: UInt32) throws(HostError) { try note("create \(owner)") }

    private func note(_ line: String) throws(HostError) {
        state.withLock { $0.log.append(line) }
        if let failing, line.hasPrefix(failing) { throw HostError(.refused, line) }
    }
}
