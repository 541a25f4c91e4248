internal import Glibc

/// Runs the script on the gateway, as the person who may become root there.
struct FarWork {
    let access: AdminAccess
    let script: String

    /// What would change, as text; empty: nothing.
    func difference() throws(ClientError) -> String {
        try output(.diff)
    }

    /// What is not as it should be, a sentence each.
    func inspection() throws(ClientError) -> [String] {
        try output(.inspect).split(separator: "\n").map(String.init)
    }

    /// Makes the change. It stays only if a new login works after it, while the first one, which
    /// would take it back, still stands.
    ///
    /// - Parameter tell: takes what the gateway says meanwhile.
    func apply(_ tell: (String) -> Void) throws(ClientError) {
        let child = try start(.attempt)
        while true {
            guard let line = child.line(seconds: 120) else {
                _ = child.finish(seconds: 30)
                throw .here("the gateway was not changed")
            }
            if line == FarScript.applied { break }
            tell(line + "\n")
        }
        guard canLogIn() else {
            child.write("no\n")
            _ = child.finish(seconds: 60)
            throw .here("after the change nobody could log in to \(access.host): it was taken back")
        }
        child.write("keep\n")
        let end = child.finish(seconds: 60)
        guard end.status == 0 else {
            throw .here(
                "\(access.host) did not say whether the change stays (status \(end.status)); "
                    + "--diff shows it")
        }
        tell(end.text)
    }

    /// sshd may be between two lives for a moment, in which it refuses at once.
    private func canLogIn() -> Bool {
        let deadline = Child.now() + 10_000
        while true {
            let child = try? Child(
                "ssh", SSHArguments.admin(access, "exit 0", fresh: true))
            if child?.finish(seconds: 15).status == 0 { return true }
            guard Child.now() < deadline else { return false }
            usleep(300_000)
        }
    }

    private func output(_ verb: FarScript.Verb) throws(ClientError) -> String {
        let child = try start(verb)
        let end = child.finish(seconds: 120)
        guard end.status == 0 else {
            throw .here("the gateway \(access.host) was not changed (status \(end.status))")
        }
        return end.text
    }

    private func start(_ verb: FarScript.Verb) throws(ClientError) -> Child {
        let child = try Child(
            "ssh", SSHArguments.admin(access, FarScript.command(script, verb)))
        child.write(script)
        return child
    }
}
