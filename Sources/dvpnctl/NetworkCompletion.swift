internal import ArgumentParser
internal import NIOCore
internal import Reports

/// The shell's completion of a network's name: the running dvpn's networks, or, where none runs, those
/// of the configuration. It says nothing about failures: the line that is being typed would be lost.
enum NetworkCompletion {
    /// Before a person notices that nothing comes.
    private static let limit = TimeAmount.seconds(2)

    static let kind = CompletionKind.custom { words, _, prefix in
        await names(
            runtimeDirectory: option("--runtime-dir", words), config: option("--config", words)
        )
        .filter { $0.hasPrefix(prefix) }
    }

    /// The value of an option among the words of a command line, as `--name value` or `--name=value`.
    static func option(_ name: String, _ words: [String]) -> String? {
        for (place, word) in words.enumerated() {
            if word == name { return words.dropFirst(place + 1).first }
            if word.hasPrefix("\(name)=") { return String(word.dropFirst(name.count + 1)) }
        }
        return nil
    }

    private static func names(runtimeDirectory: String?, config: String?) async -> [String] {
        var runtime = RuntimeOptions()
        runtime.runtimeDir = runtimeDirectory ?? RuntimeOptions.defaultDirectory
        if let report = try? await runtime.client.ask(
            NetworksReport.self, .get, APIPath.networks, timeout: limit)
        {
            return report.networks.map(\.name)
        }
        let file = config ?? CheckCommand.standardConfig
        guard let report = try? Companion.check(file) else { return [] }
        return report.networks
    }
}
