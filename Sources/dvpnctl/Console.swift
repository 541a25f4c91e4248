internal import ArgumentParser
internal import Glibc

/// Standard output, standard error, and the end of a command.
enum Console {
    /// Runs a command's work; what it throws goes to standard error and into the exit status.
    static func run(_ work: () async throws(ClientError) -> ExitStatus) async throws {
        let status: ExitStatus
        do throws(ClientError) {
            status = try await work()
        } catch {
            complain("dvpnctl: \(error.text)")
            status = error.exitStatus
        }
        if status != .healthy { throw ExitCode(status.rawValue) }
    }

    /// Asks a person who is there to answer; anything but `yes` is no.
    static func confirms(_ question: String) -> Bool {
        guard isatty(STDIN_FILENO) == 1 else {
            complain("\(question) No terminal to answer on: --help says what does it beforehand.\n")
            return false
        }
        complain("\(question) [yes/no] ")
        return readLine(strippingNewline: true) == "yes"
    }

    static func show(_ text: String) {
        put(text, STDOUT_FILENO)
    }

    static func complain(_ text: String) {
        put(text, STDERR_FILENO)
    }

    /// The corresponding C function is `write`. A reader that has gone away is no failure of ours.
    static func put(_ text: String, _ descriptor: CInt) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // SAFETY: the buffer lives through the call and has the length that is given.
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe write(descriptor, bytes.baseAddress, bytes.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
