internal import FoundationEssentials

/// The numbers by which the planes name networks. They stay the same while the dataplane may live:
/// it keeps its connections, and what it counts, over a restart of the controlplane.
struct NetworkNumbers: Codable, Equatable, Sendable {
    /// From 1 on: the dataplane uses 0 for "none".
    private(set) var byName: [String: UInt32] = [:]

    /// Numbers the networks that have none yet, and forgets names that are configured no longer
    /// once their numbers are needed.
    ///
    /// - Parameter limit: the highest number there is.
    mutating func number(_ names: [String], limit: UInt32) {
        let missing = names.filter { byName[$0] == nil }
        guard !missing.isEmpty else { return }
        var next = (byName.values.max() ?? 0) + 1
        if Int(next) + missing.count > Int(limit) + 1 {
            let kept = Set(names)
            byName = byName.filter { kept.contains($0.key) }
            let used = Set(byName.values)
            var free: UInt32 = 1
            for name in missing {
                while used.contains(free) { free += 1 }
                byName[name] = free
                free += 1
            }
            return
        }
        for name in missing {
            byName[name] = next
            next += 1
        }
    }

    /// The file's numbers; none where it is missing or damaged, which costs only the counts of a
    /// dataplane that lived through it.
    static func load(_ path: String) -> NetworkNumbers {
        guard let bytes = try? AtomicFile.read(path, bytesMax: 16 << 20),
            let numbers = try? JSONDecoder().decode(NetworkNumbers.self, from: Data(bytes))
        else { return NetworkNumbers() }
        return numbers
    }

    /// Replaces the file.
    func save(_ path: String) throws {
        try AtomicFile.write(
            Array(JSONEncoder().encode(self)), to: path, mode: 0o600, durable: false)
    }
}
