/// Reads what a `[[network]]` says of a tunnel that another program makes: `[network.command]`.
struct CommandParser {
    let table: ConfigTable

    /// The client; nil after complaints that leave nothing to go on with.
    ///
    /// - Parameter device: of a tunnel that names none.
    func parse(device: String, _ errors: inout [ConfigError]) -> CommandClient? {
        table.require("command", hint: "[network.command] has start, for one", &errors)
        let gateway = GatewayParser(table: table, via: .command).parse(&errors)
        guard let inner = table.table("command", as: .command, &errors) else { return nil }
        inner.refuseUnknownKeys(&errors)
        let example = "write start = [\"/usr/bin/wg-quick\", \"up\", \"wg0\"]"
        inner.require("start", hint: example, &errors)
        let start = inner.program("start", &errors)
        let stop = inner.program("stop", &errors)
        let name = self.device(inner, &errors)
        let ready = ready(inner, &errors)
        guard let start else { return nil }
        return CommandClient(
            host: gateway?.host, device: name ?? device, start: start, stop: stop ?? [],
            ready: ready ?? .device)
    }

    private func device(_ inner: ConfigTable, _ errors: inout [ConfigError]) -> String? {
        guard let name = inner.string("device", &errors) else { return nil }
        guard let objection = InterfaceName.objection(toDevice: name) else { return name }
        errors.append(inner.complaint("device", objection))
        return nil
    }

    private func ready(
        _ inner: ConfigTable, _ errors: inout [ConfigError]
    ) -> CommandClient.Ready? {
        guard let value = inner.values["ready"] else { return nil }
        if case .string("device") = value { return .device }
        guard case .table(let values) = value, values.count <= 1 else {
            let hint = "write \"device\", { file = \"/path\" } or { command = [\"/path\"] }"
            errors.append(inner.complaint("ready", "`ready` must be one condition", hint: hint))
            return nil
        }
        let condition = ConfigTable(
            schema: .ready, path: inner.path.appending("ready"), document: inner.document,
            values: values)
        condition.refuseUnknownKeys(&errors)
        return condition.absolutePath("file", &errors).map { .file($0) }
            ?? condition.program("command", &errors).map { .command($0) }
    }
}

extension ConfigTable {
    /// A program by its absolute path, and its arguments. No shell takes part.
    func program(_ key: String, _ errors: inout [ConfigError]) -> [String]? {
        if case .string(let text) = values[key] {
            let words = text.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ", ")
            let message = "`\(key)` must be an array of strings, not a string"
            errors.append(complaint(key, message, hint: "write \(key) = [\(words)]"))
            return nil
        }
        guard let words = strings(key, &errors)?.map(\.text) else { return nil }
        guard words.first?.hasPrefix("/") == true else {
            let message = "`\(key)` must begin with the absolute path of a program"
            errors.append(complaint(key, message))
            return nil
        }
        return words
    }
}
