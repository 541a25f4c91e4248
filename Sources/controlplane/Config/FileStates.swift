/// Files as they were at one moment: whether one of them is another by now costs no reading.
struct FileStates: Equatable, Sendable {
    private var states: [String: FileState] = [:]

    /// Takes down files as they are now; those that are noted already stay as they were.
    mutating func note(_ paths: [String]) {
        for path in paths where states[path] == nil { states[path] = FileState(path) }
    }

    /// Whether every file is still the same, or still not there.
    var areCurrent: Bool { states.allSatisfy { FileState($0.key) == $0.value } }
}
