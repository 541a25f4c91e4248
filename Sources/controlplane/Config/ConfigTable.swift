/// One table of a file while it is read: gives typed values and complains about the others.
///
/// Each reader gives nil both for a missing key and for a wrong value, and has complained about the
/// latter: the caller goes on with its default so that all complaints are found at once.
struct ConfigTable {
    let schema: ConfigSchema
    let path: ConfigPath
    let document: ConfigDocument
    let values: [String: ConfigValue]

    func has(_ key: String) -> Bool { values[key] != nil }

    /// Where the value of `key` stands.
    func position(_ key: String) -> SourcePosition {
        document.position(path.appending(key))
    }

    /// - Parameter isSecret: the line may hold a secret and is not shown.
    func complaint(
        _ key: String, isSecret: Bool = false, _ message: String, hint: String? = nil
    ) -> ConfigError {
        document.error(at: path.appending(key), isSecret: isSecret, message, hint: hint)
    }

    func complaint(onKey key: String, _ message: String, hint: String? = nil) -> ConfigError {
        document.error(
            at: path.appending(key), onKey: true, isSecret: schema == .secret, message, hint: hint)
    }

    func complaint(inElement index: Int, of key: String, _ message: String, hint: String? = nil)
        -> ConfigError
    {
        document.error(at: path.appending(key).appending(index), message, hint: hint)
    }

    /// Complains about each key that the schema does not have.
    func refuseUnknownKeys(_ errors: inout [ConfigError]) {
        for key in values.keys where !schema.keys.contains(key) {
            let message = "unknown key `\(key)` \(schema.title)"
            errors.append(complaint(onKey: key, message, hint: schema.hint(for: key)))
        }
    }

    /// Complains about a missing key, at the table's header.
    func require(_ key: String, hint: String, _ errors: inout [ConfigError]) {
        guard !has(key) else { return }
        let message = "missing key `\(key)` \(schema.title)"
        errors.append(document.error(at: path, onKey: true, message, hint: hint))
    }
}
