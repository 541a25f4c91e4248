/// Reads the lists of `[network.filter]`.
struct FilterParser {
    let table: ConfigTable

    /// The filter; nil where there is no such key, or after complaints.
    ///
    /// What no entry fits is treated in the opposite way of the last one: after `"!udp/123"` the
    /// rest is allowed, after `"udp/53"` it is not. The filter says so in a rule of its own.
    func parse(_ key: String, _ errors: inout [ConfigError]) -> PacketFilter? {
        guard let texts = table.strings(key, &errors) else { return nil }
        let countBefore = errors.count
        var entries: [(text: String, rule: PacketFilter.Rule)] = []
        for (index, text) in texts {
            do throws(PacketFilter.TextError) {
                let rule = try PacketFilter.Rule(text: text)
                if let earlier = entries.first(where: { $0.rule.covers(rule) }) {
                    let message = "\"\(text)\" has no effect: \"\(earlier.text)\" comes first"
                    errors.append(table.complaint(inElement: index, of: key, message))
                }
                entries.append((text, rule))
            } catch {
                let (message, hint) = error.explanation(text)
                errors.append(table.complaint(inElement: index, of: key, message, hint: hint))
            }
        }
        if case .array(let elements) = table.values[key], elements.isEmpty {
            let hint = "write [\"any\"] for every packet or [\"!any\"] for none"
            errors.append(table.complaint(key, "`\(key)` is empty", hint: hint))
        }
        guard errors.count == countBefore, let last = entries.last?.rule else { return nil }
        var filter = PacketFilter(rules: entries.map(\.rule))
        if last.ipProtocol != nil { filter.rules.append(.init(isAllowed: !last.isAllowed)) }
        guard filter.rules.count <= ConfigDefaults.filterRulesMax else {
            let message = "`\(key)` has more than \(ConfigDefaults.filterRulesMax - 1) entries"
            errors.append(table.complaint(key, message))
            return nil
        }
        return filter
    }
}
