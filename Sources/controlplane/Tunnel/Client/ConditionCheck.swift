/// Whether a configured condition holds, and the device that is up then.
struct ConditionCheck: Sendable {
    let device: String
    let environment: [String]
    let host: ClientHost

    /// nil while the condition does not hold.
    func device(when ready: CommandClient.Ready) async -> TunnelDevice? {
        // Asking the kernel costs nothing, asking a program costs a process.
        guard TunnelDevices.exists(device) else { return nil }
        let configured = (try? await TunnelDevices.configured(device, host.system)) ?? nil
        switch ready {
        case .device:
            return configured
        case .file(let path):
            guard let content = try? ProcessFiles.text(path), !content.isEmpty else { return nil }
        case .command(let words):
            guard await succeeds(words) else { return nil }
        }
        return configured ?? TunnelDevice(name: device)
    }

    private func succeeds(_ words: [String]) async -> Bool {
        guard let name = words.first, let executable = ClientHost.locate(name) else { return false }
        var launch = ProcessLaunch(executable: executable, arguments: Array(words.dropFirst()))
        launch.environment += environment
        let answer = try? await ProcessHelper.run(
            launch, limit: .seconds(5), watcher: host.watcher)
        return answer?.exit == .status(0)
    }
}
