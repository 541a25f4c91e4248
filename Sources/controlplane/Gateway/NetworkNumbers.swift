internal import Glibc

/// The numbers by which the planes name networks. They stay the same while the dataplane may live:
/// it keeps its connections, and what it counts, over a restart of the controlplane.
struct NetworkNumbers: Equatable, Sendable {
    /// From 1 on: the dataplane uses 0 for "none".
    private(set) var byName: [String: UInt32] = [:]
    private var last: UInt32 = 0

    /// Numbers the networks that have none yet, and forgets names that are configured no longer
    /// once their numbers are needed.
    ///
    /// - Parameters:
    ///   - names: of networks that may be new.
    ///   - limit: the highest number there is.
    ///   - all: the names of all networks; these where it is nil.
    /// - Returns: those that got a number, or nil where others lost theirs.
    @discardableResult
    mutating func number(
        _ names: [String], limit: UInt32, all: (() -> [String])? = nil
    ) -> [String]? {
        let missing = names.filter { byName[$0] == nil }
        if Int(last) + missing.count > Int(limit) {
            reuse(missing, Set(all?() ?? names))
            return nil
        }
        for name in missing {
            last += 1
            byName[name] = last
        }
        return missing
    }

    private mutating func reuse(_ missing: [String], _ kept: Set<String>) {
        byName = byName.filter { kept.contains($0.key) }
        let used = Set(byName.values)
        var free: UInt32 = 1
        for name in missing {
            while used.contains(free) { free += 1 }
            byName[name] = free
            free += 1
        }
        last = byName.values.max() ?? 0
    }

    // MARK: - On disk: a line for each, of the number and the name. New ones are written behind the
    // others, so that one costs one line.

    /// The file's numbers; none where it is missing. A line that is damaged costs only the counts of
    /// a dataplane that lived through it.
    static func load(_ path: String) -> NetworkNumbers {
        var numbers = NetworkNumbers()
        guard let bytes = (try? AtomicFile.read(path, bytesMax: 16 << 20)) ?? nil else {
            return numbers
        }
        var used: Set<UInt32> = []
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let words = line.split(separator: UInt8(ascii: " "))
            guard words.count == 2, let number = UInt32(String(decoding: words[0], as: UTF8.self)),
                number > 0, used.insert(number).inserted
            else { continue }
            let name = String(decoding: words[1], as: UTF8.self)
            guard NetworkName.isValid(name), numbers.byName[name] == nil else { continue }
            numbers.byName[name] = number
            numbers.last = max(numbers.last, number)
        }
        return numbers
    }

    /// Replaces the file.
    func save(_ path: String) throws(ProcessError) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(24 * byName.count)
        for (name, number) in byName { Self.append(name, number, to: &bytes) }
        try AtomicFile.write(bytes, to: path, mode: 0o600, durable: false)
    }

    /// Writes new names behind the others, or all where `names` is nil.
    func save(new names: [String]?, _ path: String) throws(ProcessError) {
        guard let names else { return try save(path) }
        guard !names.isEmpty else { return }
        var bytes: [UInt8] = []
        for name in names { Self.append(name, byName[name] ?? 0, to: &bytes) }
        let file = unsafe open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard file >= 0 else { return try save(path) }
        defer { close(file) }
        guard unsafe write(file, bytes, bytes.count) == bytes.count else {
            // Half a line is worse than none.
            return try save(path)
        }
    }

    private static func append(_ name: String, _ number: UInt32, to bytes: inout [UInt8]) {
        bytes += "\(number) \(name)\n".utf8
    }
}
