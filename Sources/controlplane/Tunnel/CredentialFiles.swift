internal import CLinux

/// Looks at the files that hold credentials, with stat(2) and the reader's own eyes.
enum CredentialFiles {
    /// What `paths` look like now.
    static func fingerprint(_ paths: [String]) -> CredentialFingerprint {
        var files: [String: CredentialFingerprint.File] = [:]
        for path in paths {
            guard let status = status(path) else { continue }
            files[path] = CredentialFingerprint.File(
                inode: status.inode, size: status.size, modifiedNs: status.modified_ns)
        }
        return CredentialFingerprint(files: files)
    }

    /// What keeps `reader` from dialling with these settings, or nil.
    static func defect(_ settings: SSHSettings, reader: ProcessUser) -> Failure? {
        let key = status(settings.identity).map { status in
            CredentialCheck.KeyFile(
                owner: status.owner, mode: status.mode, isRegular: status.is_regular != 0)
        }
        if let failure = CredentialCheck.identity(
            settings.identity, file: key, reader: reader.name, readerID: reader.user,
            readFailure: reader.readFailure(of: settings.identity).map(ProcessError.text))
        {
            return failure
        }
        return CredentialCheck.knownHosts(
            settings.knownHosts, exists: status(settings.knownHosts) != nil, reader: reader.name,
            readFailure: reader.readFailure(of: settings.knownHosts).map(ProcessError.text))
    }

    private static func status(_ path: String) -> cl_file? {
        var result = cl_file()
        return unsafe cl_status(path, &result) == 0 ? result : nil
    }
}
