internal import ArgumentParser
internal import Reports

/// `dvpnctl completion SHELL`: what the shell needs to complete dvpnctl's words.
struct CompletionCommand: ParsableCommand {
    /// Those that the argument parser knows.
    enum Shell: String, CaseIterable, ExpressibleByArgument {
        case bash, zsh, fish

        var script: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print the completion script of a shell.",
        discussion: """
            For bash, and for zsh after compinit: source <(dvpnctl completion bash). For fish: dvpnctl \
            completion fish | source. Names of networks are those of the running dvpn, or of the \
            configuration where none runs. Packages bring all three.
            """)

    @Argument(help: "bash, zsh or fish.") var shell: Shell

    @OptionGroup var output: OutputOptions

    func run() throws {
        let script = Dvpnctl.completionScript(for: shell.script) + "\n"
        output.show(own: CompletionReport(shell: shell.rawValue, script: script), \.script)
    }
}
