/// How a client's command line depends on where it runs.
struct ClientSurroundings: Sendable {
    let paths: ClientPaths
    /// The gateway's address as a literal; nil leaves the resolution to the client.
    let address: String?
    /// A command line for sh that calls our own script.
    let script: String
}

/// How a client is started. `input` may hold secrets.
struct ClientCommand: Equatable, Sendable {
    /// A path, or a name to be looked for where the system has its programs.
    var executable: String
    var arguments: [String]
    /// `NAME=value` each, beside those that every child of ours has.
    var environment: [String] = []
    /// What it finds on its standard input; empty: nothing.
    var input: [UInt8] = []
    /// Its input stays open behind that until its tunnel is up: it may ask for more.
    var takesAnswers = false
}
