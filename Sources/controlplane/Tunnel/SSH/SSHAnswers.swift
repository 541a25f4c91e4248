/// What an ssh client's answers to our questions before the first dial mean. Pure.
enum SSHAnswers {
    /// Whether a dry run (`ssh -G`) has understood the forward that it was given.
    static func takes(_ forward: LocalEndpoint, dryRun: String) -> Bool {
        dryRun.split(whereSeparator: { $0.isNewline }).contains { line in
            // An address is said in brackets.
            line.hasPrefix("dynamicforward ")
                && line.filter { $0 != "[" && $0 != "]" }.hasSuffix(" \(forward)")
        }
    }

    /// Why this ssh cannot serve, as a sentence.
    ///
    /// - Parameters:
    ///   - versionText: what `ssh -V` said.
    ///   - dryRun: what the dry run of the best way said, which no other did better; nil when it did
    ///     not answer.
    static func defect(versionText: String, dryRun: String?) -> String {
        guard let version = SSHVersion(versionText) else {
            return "the ssh client must be OpenSSH; this one says \"\(firstLine(versionText))\""
        }
        guard let dryRun else { return "OpenSSH \(version) did not answer to ssh -G" }
        return "OpenSSH \(version) does not take our configuration: \(firstLine(dryRun))"
    }

    /// What a person should know about a way that works.
    static func notes(versionText: String, _ way: SSHWay, forced: SSHForward?) -> [String] {
        guard let version = SSHVersion(versionText) else { return [] }
        var notes: [String] = []
        if version < .tested {
            notes.append(
                "OpenSSH \(version) is older than \(SSHVersion.tested), the oldest one tried")
        }
        if way.forward == .loopback && forced == nil {
            notes.append(
                "OpenSSH \(version) has no dynamic forward on a Unix socket: ports of "
                    + "a loopback address serve instead, guarded by nftables")
        }
        return notes
    }

    private static func firstLine(_ text: String) -> String {
        text.split(whereSeparator: { $0.isNewline }).first.map(String.init) ?? ""
    }
}
