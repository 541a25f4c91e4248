internal import ArgumentParser
internal import Logging

/// `--guard`: loads the guard's table for the configured networks, and nothing else. For the boot,
/// before there is a network; once a controlplane runs, the table is its business.
struct Guard {
    let options: Options
    let configuration: Configuration
    let log: Logger
    var host: any HostSystem = LinuxHost()

    func run() async throws {
        do {
            try await load()
        } catch {
            log.error("\(error)")
            throw ExitCode(error.code == .notPermitted ? 77 : 69)
        }
    }

    private func load() async throws(HostError) {
        let tables = try await host.run(.nft, ["list", "tables", "inet"], input: "")
        guard !HostRemoval.ours(in: tables).contains(HostNames.guarding) else {
            return log.info("the guard is there already")
        }
        try await host.runScript(Self.script(configuration, stateDirectory: options.stateDir))
        log.notice("private packets stay on this host until there is a tunnel")
    }

    /// With what gateways pushed, as far as it is remembered.
    static func script(_ configuration: Configuration, stateDirectory: String) -> String {
        let known = PushedStore(stateDirectory: stateDirectory).extend(configuration)
        var numbers = NetworkNumbers()
        numbers.number(known.networks.names, limit: .max)
        let table = NetworkTable(known, numbers)
        let plan = HostPlan(table.hostInput(users: HostUsers(), gateways: []))
        return NftText.alive(GuardScript.text(plan.sets), without: plan.sets.empty)
    }
}
