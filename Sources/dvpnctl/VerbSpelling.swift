internal import ArgumentParser
internal import Reports

/// Which verb was meant by one that there is not. The parser of arguments suggests options, not
/// verbs, and complains of the options behind a verb that it does not know. Pure.
enum VerbSpelling {
    /// A sentence for whoever has mistyped a verb; nil where none was, or none is near.
    ///
    /// - Parameter arguments: without the program's name.
    static func complaint(
        _ arguments: [String], of program: any ParsableCommand.Type = Dvpnctl.self
    ) -> String? {
        var verbs = program.configuration.subcommands
        var words = arguments[...]
        while !verbs.isEmpty, let word = words.popFirst() {
            // What the option takes is no verb.
            if word == "--runtime-dir" { words = words.dropFirst() }
            if word == "--" { return nil }
            if word.hasPrefix("-") || word == help { continue }
            if let verb = verbs.first(where: { $0.configuration.commandName == word }) {
                verbs = verb.configuration.subcommands
                continue
            }
            let names = verbs.compactMap { $0.configuration.commandName } + [help]
            return Spelling.nearest(to: word, in: names).map {
                "no verb is called '\(word)': did you mean '\($0)'?"
            }
        }
        return nil
    }

    /// The parser's own verb.
    private static let help = "help"
}
