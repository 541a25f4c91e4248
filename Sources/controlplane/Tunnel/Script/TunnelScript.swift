internal import FoundationEssentials
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// `dvpn-controlplane --tunnel-script`: what vpnc and openconnect call when something happens to
/// their tunnel. At `connect` it configures the device and reports; it never touches routes or
/// resolv.conf.
///
/// With a foreign script (`DVPN_SCRIPT`) it calls that one instead, for every reason, and reports
/// what it has made of the device.
struct TunnelScript {
    private let variables: [String: String]
    private let environment: ScriptEnvironment
    private let system: any HostSystem

    init(_ variables: [String: String], system: any HostSystem = LinuxHost()) {
        self.variables = variables
        environment = ScriptEnvironment(variables)
        self.system = system
    }

    /// Returns the exit status; 64 when nobody's script we are. What matters is in the report.
    func run() async -> Int32 {
        guard let reportPath = variables[ScriptReport.pathVariable],
            !environment.device.isEmpty
                || environment.reason == .preInit
        else {
            StandardError.write("--tunnel-script is for vpnc and openconnect, which dvpn runs\n")
            return 64
        }
        // vpnc names its device only at `connect`.
        let outer = environment.gateway.flatMap { CarrierPath(to: $0) }
        let plan = ScriptPlan(environment, outer: outer, hasIPv6: system.hasIPv6)
        var report = ScriptReport(device: plan.device)
        var status: Int32 = 0
        if let script = variables[ScriptReport.foreignVariable] {
            status = await call(script)
            guard environment.reason == .connect else { return status }
            report = await inspect(plan.device, madeBy: script)
        } else {
            guard environment.reason == .connect else { return 0 }
            report.failure = await configure(plan)
        }
        do {
            try report.save(to: reportPath)
        } catch {
            StandardError.write("the report could not be written: \(error)\n")
            return 1
        }
        return report.failure == nil ? status : 1
    }

    private func configure(_ plan: ScriptPlan) async -> String? {
        do {
            try await system.runBatch(nil, plan.lines)
            return nil
        } catch {
            return "\(environment.device) could not be configured: \(error)"
        }
    }

    /// What a foreign script's own view of the tunnel has become, together with what was pushed.
    private func inspect(_ planned: TunnelDevice, madeBy script: String) async -> ScriptReport {
        do {
            guard let made = try await TunnelDevices.configured(environment.device, system) else {
                return ScriptReport(
                    device: planned,
                    failure: "\(script) has not brought \(environment.device) up with an address")
            }
            var device = planned
            device.addresses = made.addresses
            device.mtu = made.mtu
            return ScriptReport(device: device)
        } catch {
            return ScriptReport(device: planned, failure: "\(error)")
        }
    }

    /// Runs a script with our own environment and outputs, within the client's session.
    private func call(_ script: String) async -> Int32 {
        // Files that it makes are for the whole host; ours are made with 077.
        _ = umask(0o022)
        // By this number the stock script finds at `disconnect` what it has saved at `connect`. Its
        // own way to it, by looking at its parents, ends at us, another process each time.
        let client = variables["VPNPID"] ?? "\(getsid(0))"
        do {
            let result = try await Subprocess.run(
                .path(FilePath(script)),
                environment: .inherit.updating(["VPNPID": client]),
                input: .none,
                output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
                error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
            if case .exited(let status) = result.terminationStatus { return status }
            return 1
        } catch {
            StandardError.write("\(script) could not be run: \(error)\n")
            return 1
        }
    }
}
