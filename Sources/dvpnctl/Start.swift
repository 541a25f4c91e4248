internal import ArgumentParser
internal import Glibc

/// Where the program begins.
@main
enum Start {
    /// libdispatch keeps its timers in a thread that is to have a nice value of -4. Who may not have
    /// that is told so in the system's log at each call, and works all the same: not worth a right,
    /// nor a line. (`LIBDISPATCH_LOG=stderr` shows what libdispatch has to say.)
    static func main() async {
        _ = unsafe setenv("LIBDISPATCH_LOG", "NO", 0)
        if let complaint = VerbSpelling.complaint(Array(CommandLine.arguments.dropFirst())) {
            Console.complain("dvpnctl: \(complaint)\n")
            exit(ExitStatus.usage.rawValue)
        }
        await Dvpnctl.main()
    }
}
