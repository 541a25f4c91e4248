internal import Protocol

/// A hosts file as a source of the gateway map.
///
/// Lines of one network must agree about its gateway; they may be many. Of a file that was read
/// before, only the lines from the first to the last that is another are read again.
struct HostsFile: MapSource {
    let settings: MapSettings
    private var bytes: [UInt8] = []
    /// Of every line that names a gateway.
    private var lines: MapEntries

    /// An empty file.
    init(settings: MapSettings) {
        self.settings = settings
        lines = MapEntries(file: settings.file)
    }

    /// Takes on what the file has now; where something is wrong with it, nothing changes.
    ///
    /// - Returns: false where it is the same as before.
    mutating func take(_ new: [UInt8]) throws(ConfigErrors) -> Bool {
        let span = ChangedLines(from: bytes, to: new)
        guard !span.isEmpty else { return false }
        let entries = try read(new, span)
        let first = place(ofLine: span.first)
        let last = place(ofLine: span.first + span.linesBefore)
        lines.replace(first..<last, by: entries, moving: span.linesAfter - span.linesBefore)
        bytes = new
        if lines.isLittered { lines = lines.withoutLitter }
        return true
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Those that its lines make networks of.
    var prefixes: Set<Prefix> { Set(lines.records.lazy.map(\.prefix)) }

    func networks() throws(ConfigErrors) -> SourceNetworks {
        .mapped(MappedNetworks(settings: settings, entries: try entries()))
    }

    /// All entries in order, each prefix once, or everything that is wrong.
    func entries() throws(ConfigErrors) -> MapEntries {
        let records = lines.records
        var known = PlaceIndex(capacity: records.count)
        var repeated: Set<Int> = []
        var errors: [ConfigError] = []
        for place in records.indices {
            let hash = records[place].prefixHash
            let earlier = known.find(hash) { records[$0].prefix == records[place].prefix }
            guard let earlier else {
                known.enter(place, hash)
                continue
            }
            repeated.insert(place)
            if records[earlier].gateway != records[place].gateway {
                errors.append(disagreement(place, earlier))
            }
        }
        guard errors.isEmpty else { throw ConfigErrors(errors) }
        var entries = lines
        if !repeated.isEmpty { entries.keep { !repeated.contains($0) } }
        return entries
    }

    /// The first place whose line is not before this one.
    private func place(ofLine line: Int) -> Int {
        let records = lines.records
        var (low, high) = (0, records.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(records[middle].line) < line { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func read(_ new: [UInt8], _ span: ChangedLines) throws(ConfigErrors) -> [MapEntry] {
        guard let text = String(validating: new[span.after], as: UTF8.self) else {
            throw ConfigErrors([ConfigText.encodingError(file: settings.file, bytes: new)])
        }
        var reader = HostsReader(settings: settings)
        var number = span.first
        // A byte order mark is no word.
        let isMarked = span.after.lowerBound == 0 && text.utf8.starts(with: [0xEF, 0xBB, 0xBF])
        let bytes = isMarked ? text.utf8.dropFirst(3) : text.utf8[...]
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            reader.read(Substring(line), number)
            number += 1
        }
        guard reader.errors.isEmpty else { throw ConfigErrors(reader.errors) }
        return reader.entries
    }

    private func disagreement(_ place: Int, _ earlier: Int) -> ConfigError {
        let line = Int(lines.records[place].line)
        let all = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let text = String(decoding: all[line - 1], as: UTF8.self)
        let word = (try? HostsLine(text[...]))?.gateway ?? text[...]
        return HostsReader.error(
            HostsLine.Fault(
                word: word,
                message: "\(lines[place].prefix.text) is already reached by "
                    + "\(lines.gateway(earlier)) at \(lines.position(earlier))",
                hint: "the lines of one network name one gateway and one user"),
            text[...], line, settings.file)
    }
}

extension MapEntries {
    /// The same without gateways that no entry has.
    fileprivate var withoutLitter: MapEntries {
        var clean = MapEntries(file: file)
        for entry in self { clean.append(entry) }
        return clean
    }
}
