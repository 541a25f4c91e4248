/// What was seen of a gateway with dvpn's key: facts without judgement.
struct GatewayFacts: Equatable, Sendable {
    /// What came of asking for something that may be granted.
    enum Answer: Equatable, Sendable {
        case granted
        case refused
        /// It was not asked for, or no answer came.
        case unknown
    }

    /// What came of asking the gateway for a connection to an address.
    enum Forward: Equatable, Sendable {
        case opened
        /// sshd's own rules, or the jail's.
        case prohibited
        /// The gateway tried: `words` is why it failed.
        case failed(words: String)
        case pending
    }

    /// A target, and whether it is in the user's prefixes.
    struct Attempt: Equatable, Sendable {
        let target: String
        let isInside: Bool
        let outcome: Forward
    }

    /// What is wrong with the private key's file here; nil: nothing.
    var keyFileDefect: String?
    var hostKeys = HostKeyFacts()
    var pty = Answer.unknown
    var agent = Answer.unknown
    var x11 = Answer.unknown
    var tunnel = Answer.unknown
    var sftp = Answer.unknown
    /// Whether a shell was asked for, and the conversation went on.
    var isShellTried = false
    /// Something that we said was run by a shell: which way it was said.
    var shellWays: [String] = []
    /// Paths at which a shell there could write, where there is a shell.
    var writable: [String] = []
    var remotePort = Answer.unknown
    var remoteSocket = Answer.unknown
    var localSocket = Answer.unknown
    /// By sshd (direct-tcpip).
    var forwards: [Attempt] = []
    /// By `nc ADDRESS PORT`.
    var netcats: [Attempt] = []
    /// Whether the jail answered as ours does when it is asked for something else.
    var jailAnswers = false
    /// The last thing that was tried when the gateway ended the conversation.
    var endedAt: String?
    /// What an administrator's look at the gateway found; nil: nobody looked.
    var inspection: [String]?
}
