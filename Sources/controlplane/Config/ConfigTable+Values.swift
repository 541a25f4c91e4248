extension ConfigTable {
    func string(
        _ key: String, wanted: String = "a string", _ errors: inout [ConfigError]
    ) -> String? {
        guard let value = values[key] else { return nil }
        if case .string(let text) = value { return text }
        errors.append(wrongKind(key, wanted, value, hint: Self.quoted(value, key)))
        return nil
    }

    func strings(_ key: String, _ errors: inout [ConfigError]) -> [(index: Int, text: String)]? {
        guard let value = values[key] else { return nil }
        guard case .array(let elements) = value else {
            var hint: String?
            if case .string(let text) = value { hint = "write \(key) = [\"\(text)\"]" }
            errors.append(wrongKind(key, "an array of strings", value, hint: hint))
            return nil
        }
        var texts: [(index: Int, text: String)] = []
        for (index, element) in elements.enumerated() {
            if case .string(let text) = element {
                texts.append((index, text))
            } else {
                let message = "`\(key)` must hold strings only, not \(element.kind)"
                errors.append(complaint(inElement: index, of: key, message))
            }
        }
        return texts
    }

    func integer(_ key: String, in range: ClosedRange<Int>, _ errors: inout [ConfigError]) -> Int? {
        guard let value = values[key] else { return nil }
        guard case .integer(let number) = value else {
            var hint: String?
            if case .string(let text) = value, let number = Int(text) {
                hint = "write \(key) = \(number), without quotes"
            }
            errors.append(wrongKind(key, "an integer", value, hint: hint))
            return nil
        }
        guard range.contains(number) else {
            let message =
                "`\(key)` must be from \(range.lowerBound) to \(range.upperBound), not \(number)"
            errors.append(complaint(key, message))
            return nil
        }
        return number
    }

    /// Milliseconds of a duration.
    func duration(_ key: String, in range: ClosedRange<Int>, _ errors: inout [ConfigError]) -> Int?
    {
        let wanted = "a duration in a string"
        if case .integer(let number) = values[key] {
            let hint = "write \(key) = \"\(max(number, 0))s\""
            errors.append(wrongKind(key, wanted, .integer(number), hint: hint))
            return nil
        }
        guard let text = string(key, wanted: wanted, &errors) else { return nil }
        guard let milliseconds = DurationText.parse(text) else {
            let hint = "write it like \"90s\", \"5m\", \"1h30m\" or \"250ms\""
            errors.append(complaint(key, "\"\(text)\" is not a duration", hint: hint))
            return nil
        }
        guard range.contains(milliseconds) else {
            let bounds = [range.lowerBound, range.upperBound].map(DurationText.format)
            let message = "`\(key)` must be from \(bounds[0]) to \(bounds[1]), not \(text)"
            errors.append(complaint(key, message))
            return nil
        }
        return milliseconds
    }

    func boolean(_ key: String, _ errors: inout [ConfigError]) -> Bool? {
        guard let value = values[key] else { return nil }
        if case .boolean(let isTrue) = value { return isTrue }
        var hint: String?
        if case .string(let text) = value, let isTrue = Bool(text) {
            hint = "write \(key) = \(isTrue), without quotes"
        }
        errors.append(wrongKind(key, "true or false", value, hint: hint))
        return nil
    }

    /// Milliseconds of a duration, or the default; nil for `never` and `0`.
    func limit(
        _ key: String, in range: ClosedRange<Int>, default: Int, _ errors: inout [ConfigError]
    ) -> Int? {
        if case .string(let word) = values[key], word == "never" || word == "0" { return nil }
        return duration(key, in: range, &errors) ?? `default`
    }

    /// The table under `key`. A complaint tells how its header is written.
    func table(_ key: String, as schema: ConfigSchema, _ errors: inout [ConfigError])
        -> ConfigTable?
    {
        guard let value = values[key] else { return nil }
        let inner = path.appending(key)
        if case .table(let values) = value {
            return ConfigTable(schema: schema, path: inner, document: document, values: values)
        }
        let header = schema.title.dropFirst("in ".count)
        let message = "`\(key)` \(self.schema.title) must be a table, not \(value.kind)"
        errors.append(complaint(onKey: key, message, hint: "its header is \(header)"))
        return nil
    }

    private func wrongKind(_ key: String, _ wanted: String, _ value: ConfigValue, hint: String?)
        -> ConfigError
    {
        complaint(key, "`\(key)` must be \(wanted), not \(value.kind)", hint: hint)
    }

    /// How the value would be written as a string, where that is likely to be meant.
    private static func quoted(_ value: ConfigValue, _ key: String) -> String? {
        switch value {
        case .integer(let number): return "write \(key) = \"\(number)\""
        case .array(let elements):
            guard elements.count == 1, case .string(let text) = elements[0] else { return nil }
            return "write \(key) = \"\(text)\""
        case .string, .float, .boolean, .date, .table: return nil
        }
    }
}
