/// Reads where a secret is: `{ credential = "work.group" }`, `{ file = "/path" }` or
/// `{ ask = true }`.
struct SecretParser {
    /// The client's table.
    let table: ConfigTable

    /// The place of the secret under `key`, which must be there; nil after complaints.
    func parse(_ key: String, _ errors: inout [ConfigError]) -> Secret? {
        let forms =
            "write \(key) = { file = \"/etc/dvpn/secrets/NAME\" }, { credential = \"NAME\" } "
            + "or { ask = true }"
        table.require(key, hint: forms, &errors)
        guard let value = table.values[key] else { return nil }
        guard case .table(let values) = value else {
            let message = "`\(key)` must say where the secret is, not be \(value.kind)"
            errors.append(table.complaint(key, isSecret: true, message, hint: forms))
            return nil
        }
        let place = ConfigTable(
            schema: .secret, path: table.path.appending(key), document: table.document,
            values: values)
        let countBefore = errors.count
        place.refuseUnknownKeys(&errors)
        guard errors.count == countBefore else { return nil }
        guard values.count == 1 else {
            let message = "`\(key)` must name one place of the secret, not \(values.count)"
            errors.append(table.complaint(key, isSecret: true, message, hint: forms))
            return nil
        }
        return ask(place, &errors) ?? file(place, &errors) ?? credential(place, &errors)
    }

    private func ask(_ place: ConfigTable, _ errors: inout [ConfigError]) -> Secret? {
        guard let isAsked = place.boolean("ask", &errors) else { return nil }
        if !isAsked { errors.append(place.complaint("ask", "`ask` can only be true")) }
        return .ask
    }

    private func file(_ place: ConfigTable, _ errors: inout [ConfigError]) -> Secret? {
        place.absolutePath("file", &errors).map { .file($0) }
    }

    /// The names that systemd takes: those of files without a colon (systemd.exec(5)).
    private func credential(_ place: ConfigTable, _ errors: inout [ConfigError]) -> Secret? {
        guard let name = place.string("credential", &errors) else { return nil }
        let isPlain = name.utf8.allSatisfy { (0x21...0x7E).contains($0) && !":/".utf8.contains($0) }
        guard isPlain, (1...255).contains(name.utf8.count), name != ".", name != ".." else {
            let hint = "it is the name before the colon in LoadCredential="
            errors.append(
                place.complaint("credential", "\"\(name)\" is not a credential's name", hint: hint))
            return nil
        }
        return .credential(name)
    }
}
