/// Where the files of one tunnel's client are: `RUNTIME/client/`, which is root's alone. What lies
/// there decides which processes we signal and which devices we remove.
struct ClientPaths: Equatable, Sendable {
    let runtime: String
    /// Stands for the tunnel's name in paths.
    let label: String

    init(runtime: String, tunnel: String) {
        self.runtime = runtime
        label = SSHPaths.label(of: tunnel)
    }

    var directory: String { Self.directory(runtime) }
    /// Who runs, written before it runs.
    var record: String { "\(directory)/\(label).json" }
    /// What the client says.
    var log: String { "\(directory)/\(label).log" }
    /// The client's own pid file: a sign of readiness, and of nothing else.
    var pid: String { "\(directory)/\(label).pid" }
    /// What our script has reported.
    var report: String { "\(directory)/\(label).report" }

    static func directory(_ runtime: String) -> String { "\(runtime)/client" }
}
