internal import FoundationEssentials

/// Which networks a person took down, `RUNTIME/held.json`, or released, `RUNTIME/released.json`.
///
/// It outlives a restart of the controlplane and not a reboot: after that everything is on demand
/// again, as configured.
struct HeldStore: Sendable {
    let path: String
    private(set) var names: Set<String>

    /// Reads the file; one that is missing or damaged has nobody in it.
    init(runtime: String, file: String = "held.json") {
        path = "\(runtime)/\(file)"
        let bytes = (try? AtomicFile.read(path)) ?? nil
        let stored = bytes.flatMap { try? JSONDecoder().decode([String].self, from: Data($0)) }
        names = Set(stored ?? [])
    }

    /// Remembers a person's wish.
    mutating func set(_ network: String, held: Bool) throws(ProcessError) {
        if held { names.insert(network) } else { names.remove(network) }
        guard let data = try? JSONEncoder().encode(names.sorted()) else {
            preconditionFailure("strings always encode")
        }
        try AtomicFile.write(Array(data), to: path, mode: 0o600, durable: false)
    }
}
