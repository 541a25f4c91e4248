internal import ArgumentParser
internal import Glibc

/// `dvpnctl check`: is the configuration right? Needs no running dvpn.
///
/// The controlplane's own executable judges, so that the two can never be of different opinions.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check a configuration without touching anything.",
        discussion: "Exits with 78 where it has mistakes.")

    private static let program = "dvpn-controlplane"

    @Option(help: ArgumentHelp("The main file of the configuration.", valueName: "file"))
    var config = "/etc/dvpn/dvpn.toml"

    /// Replaces this process; comes back only where there is no such program.
    func run() throws {
        let arguments = ["--check", "--config", config]
        if let directory = Self.ownDirectory {
            Self.execute("\(directory)/\(Self.program)", arguments)
        }
        Self.execute(Self.program, arguments)
        Console.complain("dvpnctl: cannot find \(Self.program), which checks the configuration\n")
        throw ExitCode(ExitStatus.failed.rawValue)
    }

    /// Where dvpnctl itself is: its companions are beside it, installed or freshly built.
    private static var ownDirectory: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard length > 0, length < buffer.count else { return nil }
        let path = String(
            decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) }
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
