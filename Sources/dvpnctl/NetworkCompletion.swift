internal import ArgumentParser
internal import NIOCore
internal import Reports

/// The shell's completion of a network's name: the running dvpn's networks, or, where none runs, those
/// of the configuration, and of very many a sample. It says nothing about failures: the line that is
/// being typed would be lost.
enum NetworkCompletion {
    /// Before a person notices that nothing comes.
    private static let seconds = 2

    /// More than somebody reads; a report of each comes with it.
    private static let namesMax = 256

    static let kind = CompletionKind.custom { words, _, start in
        await names(
            start, runtimeDirectory: option("--runtime-dir", words),
            config: option("--config", words))
    }

    /// The value of an option among the words of a command line, as `--name value` or `--name=value`.
    static func option(_ name: String, _ words: [String]) -> String? {
        for (place, word) in words.enumerated() {
            if word == name { return words.dropFirst(place + 1).first }
            if word.hasPrefix("\(name)=") { return String(word.dropFirst(name.count + 1)) }
        }
        return nil
    }

    private static func names(
        _ start: String, runtimeDirectory: String?, config: String?
    ) async -> [String] {
        var runtime = RuntimeOptions()
        runtime.runtimeDir = runtimeDirectory ?? RuntimeOptions.defaultDirectory
        let path = APIPath.networks(beginning: start, limit: namesMax)
        if let report = try? await runtime.client.ask(
            NetworksReport.self, .get, path, timeout: .seconds(Int64(seconds)))
        {
            return report.networks.map(\.name)
        }
        let file = config ?? CheckCommand.standardConfig
        guard let report = try? Companion.check(file, seconds: seconds) else { return [] }
        return NameSample.of(report.networks, beginning: start, limit: namesMax)
    }
}
