/// What a client waits for on its standard input.
enum ClientQuestion: Equatable, Sendable {
    /// An answer that a person may know.
    case person(SecretRequest)
    /// Nothing that a person is to be asked for. Its input ends, and its words then tell why.
    case nobody
}

/// Which looks at a client's words show a question: two that are alike, so that it has been printed
/// whole, and not the one that was answered, which stays on the screen until the client goes on.
struct ClientQuestionWatch: Sendable {
    private var seen = ""
    private var told = ""

    /// True once for the same words.
    mutating func isSettled(_ words: String) -> Bool {
        defer { seen = words }
        guard words == seen, words != told else { return false }
        told = words
        return true
    }
}
