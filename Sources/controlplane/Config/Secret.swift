/// Where a secret comes from. The configuration never holds the secret itself.
enum Secret: Hashable, Sendable, CustomStringConvertible {
    /// A systemd credential (systemd.exec(5), LoadCredential): a file of this name in
    /// $CREDENTIALS_DIRECTORY.
    case credential(String)
    /// A file that nobody but its owner may read.
    case file(String)
    /// A person is asked at each dial.
    case ask

    /// Not the secret: its place.
    var description: String {
        switch self {
        case .credential(let name): "credential \(name)"
        case .file(let path): path
        case .ask: "ask"
        }
    }
}
