internal import ArgumentParser
internal import Dispatch
internal import Glibc

/// Where the program begins: dvpn's controlplane, or what a client's unit begins with, which needs
/// nothing of it and no thread.
@main
enum Start {
    static func main() {
        if CommandLine.arguments.count == 3, CommandLine.arguments[1] == ClientStub.option {
            exit(ClientStub.run(CommandLine.arguments[2], runtime: Options.standardRuntime))
        }
        // libdispatch keeps its timers in a thread that is to have a nice value of -4. Who may not
        // have that is told so in the system's log at each start, and works all the same: not worth
        // a right, nor a line. (`LIBDISPATCH_LOG=stderr` shows what libdispatch has to say.)
        _ = unsafe setenv("LIBDISPATCH_LOG", "NO", 0)
        Task {
            await Controlplane.main()
            exit(0)
        }
        dispatchMain()
    }
}
