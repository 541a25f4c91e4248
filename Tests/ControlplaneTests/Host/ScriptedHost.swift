import Synchronization

@testable import controlplane

/// A host that writes down what it is told and answers from a table. It knows which chains, sets and
/// counters scripts have added.
final class ScriptedHost: HostSystem {
    fileprivate struct State {
        var log: [String] = []
        var settings: [String: String]
        /// What scripts have added, by table; nil: somebody has flushed the ruleset.
        var objects: [String: Set<String>]?
        var flushes: Int
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

    /// - Parameters:
    ///   - failing: a line of the log that fails, by how it begins.
    ///   - flushes: how often somebody flushes the ruleset as soon as it is written.
    init(
        settings: [String: String] = ["ipv6/conf/all/disable_ipv6": "0"], failing: String? = nil,
        links: String = "[]", flushes: Int = 0
    ) {
        state = Mutex(State(settings: settings, flushes: flushes))
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
        if words.contains("address show") { return links }
        return tool == .nft ? state.withLock { $0.nft(arguments, input) } : ""
    }

    /// As if somebody had called `nft flush ruleset`.
    func flush() { state.withLock { $0.objects = nil } }

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

extension ScriptedHost.State {
    fileprivate mutating func nft(_ arguments: [String], _ script: String) -> String {
        guard arguments.contains("list") else {
            write(script)
            return ""
        }
        guard let objects else { return "" }
        guard arguments.contains("tables") else {
            let lines = (objects[arguments.last ?? ""] ?? []).sorted().map { "\t\($0) {\n\t}\n" }
            return "table inet \(arguments.last ?? "") {\n\(lines.joined())}\n"
        }
        return objects.keys.sorted().map { "table inet \($0)\n" }.joined()
    }

    private mutating func write(_ script: String) {
        for table in [HostNames.steering, HostNames.guarding] {
            let added = RulesetListing.objects(addedBy: script, table: table)
            if !added.isEmpty { objects = (objects ?? [:]).merging([table: added]) { $1 } }
        }
        guard flushes > 0 else { return }
        flushes -= 1
        objects = nil
    }
}
