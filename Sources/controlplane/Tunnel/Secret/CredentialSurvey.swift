internal import Glibc

/// Looks at the files of secrets and keys that a configuration names, as a dial would.
///
/// Credentials are not looked at: only the service has them. Nor is what the one who asks may not
/// read: that says nothing about dvpn.
struct CredentialSurvey {
    /// Who reads keys; nil where there is no such user yet.
    let sshUser: ProcessUser?

    /// What will keep networks from being dialled, in the order of the configuration. A file that
    /// many networks share is named once, for the first of them.
    func defects(_ configuration: Configuration, file: String) -> [ConfigNotice] {
        var seen: Set<[String]> = []
        var defects: [ConfigNotice] = []
        func note(_ position: SourcePosition, _ failure: Failure?) {
            guard let failure else { return }
            let evidence = failure.evidence.map { ": \($0)" } ?? ""
            defects.append(ConfigNotice(position: position, message: failure.message + evidence))
        }
        for network in configuration.networks {
            guard let tunnel = network.tunnel else { continue }
            if case .ssh(let ssh) = tunnel.client {
                guard seen.insert([ssh.identity, ssh.knownHosts]).inserted else { continue }
                note(network.source, keyDefect(SSHSettings(tunnel, ssh)))
            }
            for request in tunnel.client.secrets {
                guard case .file(let path) = request.secret, seen.insert([path]).inserted
                else { continue }
                note(network.source, secretDefect(request, path))
            }
        }
        if let token = configuration.web?.token, case .file(let path) = token {
            let request = SecretRequest(secret: token, purpose: "token of the web page")
            note(.whole(file), secretDefect(request, path))
        }
        return defects
    }

    private func secretDefect(_ request: SecretRequest, _ path: String) -> Failure? {
        guard canLook(at: path) else { return nil }
        do throws(Failure) {
            _ = try SecretReader(credentialsDirectory: nil).read(request)
            return nil
        } catch {
            return error
        }
    }

    private func keyDefect(_ settings: SSHSettings) -> Failure? {
        // Only root can find out what another user may read.
        guard let sshUser, geteuid() == 0 || !sshUser.differsFromUs else { return nil }
        return CredentialFiles.defect(settings, reader: sshUser)
    }

    private func canLook(at path: String) -> Bool {
        unsafe access(path, R_OK) == 0 || errno != EACCES
    }
}

extension TunnelSettings.Client {
    /// What it needs before it can dial.
    var secrets: [SecretRequest] {
        switch self {
        case .ssh, .command: []
        case .vpnc(let client): VPNC(client: client).secrets
        case .openconnect(let client): OpenConnect(client: client).secrets
        }
    }
}
