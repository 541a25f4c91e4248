/// The back end for concentrators of Cisco's kind: vpnc(8).
struct VPNC: ClientProgram {
    let client: VPNCClient

    var name: String { "vpnc" }
    var device: String { client.device }
    var host: String? { client.host }
    /// vpnc calls its script before phase 2 is settled and writes its pid file after it.
    var readiness: ClientReadiness { .report(pidFile: true) }
    var foreignScript: String? { client.script }
    /// A concentrator that still has the session before refuses the next, or answers both.
    var restMs: Int64 { 2_000 }
    /// It ends at once, or waits half a minute for a concentrator that has ended the tunnel and
    /// does not hear. A foreign script may have more to do than that.
    var graceMs: Int64 { foreignScript == nil ? 2_000 : 5_000 }

    var secrets: [SecretRequest] {
        [
            SecretRequest(
                secret: client.groupSecret,
                purpose: "secret of group \(client.group) at \(client.host)"),
            SecretRequest(
                secret: client.password,
                purpose: "password of \(client.username) at \(client.host)"),
        ]
    }

    func command(
        _ surroundings: ClientSurroundings, secrets: [SecretValue]
    ) throws(Failure) -> ClientCommand {
        precondition(secrets.count == 2)
        return ClientCommand(
            executable: "vpnc",
            arguments: [
                "--no-detach", "--non-inter", "--pid-file", surroundings.paths.pid,
                "--script", surroundings.script, "-",
            ],
            input: try VPNCConfiguration.render(
                client, address: surroundings.address, groupSecret: secrets[0],
                password: secrets[1]))
    }

    func failure(log: String, exit: ProcessExit, wasReady: Bool) -> Failure {
        VPNCOutput.failure(log: log, exit: exit, wasReady: wasReady, gateway: client.host)
    }
}
