internal import ArgumentParser
internal import Glibc

/// `dvpnctl check`: is the configuration right? Needs no running dvpn.
///
/// The controlplane's own executable judges, so that the two can never be of different opinions.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a configuration without touching anything.",
        discussion: "Exits with 78 where it has mistakes.")

    @Option(help: ArgumentHelp("The main file of the configuration.", valueName: "file"))
    var config = "/etc/dvpn/dvpn.toml"

    /// Replaces this process; comes back only where there is no such program.
    func run() throws {
        let arguments = ["--check", "--config", config]
        Self.execute(Companion.path(Companion.controlplane), arguments)
        Console.complain(
            "dvpnctl: cannot find \(Companion.controlplane), which checks the configuration\n")
        throw ExitCode(ExitStatus.failed.rawValue)
    }

    /// The corresponding C function is `execvp`, which searches PATH for a name without a slash.
    private static func execute(_ program: String, _ arguments: [String]) {
        // SAFETY: strdup's copies live until the program is replaced or, if it is not, are freed.
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map {
            unsafe strdup($0)
        }
        unsafe pointers.append(nil)
        _ = unsafe execvp(program, pointers)
        unsafe pointers.forEach { unsafe free($0) }
    }
}
