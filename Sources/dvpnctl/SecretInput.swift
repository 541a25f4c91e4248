internal import Glibc

/// Reads a secret without showing it.
enum SecretInput {
    /// What came.
    enum Outcome {
        /// One line without its end; not empty.
        case line(String)
        case nothing
        /// Somebody else was faster.
        case notNeeded
    }

    /// How often to look whether an answer is still needed.
    private static let lookMs: Int32 = 500

    /// One line of standard input.
    ///
    /// - Parameter isNeeded: whether a person at a terminal is still to be waited for.
    static func read(prompt: String, while isNeeded: () async -> Bool) async -> Outcome {
        guard isatty(STDIN_FILENO) == 1 else { return line() }
        var before = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &before) == 0 else { return line() }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        // Before the question, so that a fast answer is not shown either; and TCSAFLUSH, since what was
        // typed before it is no answer to it.
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        Console.complain("\(prompt): ")
        defer {
            _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
            Console.complain("\n")
        }
        while !hasInput() {
            guard await isNeeded() else { return .notNeeded }
        }
        return line()
    }

    /// A terminal has input when a line is whole, or at its end.
    private static func hasInput() -> Bool {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&input, 1, lookMs) != 0
    }

    private static func line() -> Outcome {
        guard let line = readLine(strippingNewline: true), !line.isEmpty else { return .nothing }
        return .line(line)
    }
}
