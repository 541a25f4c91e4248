internal import Glibc

/// Reads a secret without showing it.
enum SecretInput {
    /// One line of standard input, without its end; nil where there is none.
    static func read(prompt: String) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return line() }
        var before = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return line() }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        Console.complain("\(prompt): ")
        // TCSAFLUSH: what was typed before the question is no answer to it.
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Console.complain("\n")
        }
        return line()
    }

    private static func line() -> String? {
        guard let line = readLine(strippingNewline: true), !line.isEmpty else { return nil }
        return line
    }
}
