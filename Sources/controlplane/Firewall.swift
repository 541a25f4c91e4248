internal import ArgumentParser

/// What is to be done with the recommended firewall.
enum FirewallWish: String, ExpressibleByArgument, Sendable {
    case show
    case apply
    case remove
}

/// `--firewall`: the recommended policy for this host, which is its owner's to have. dvpn works with it
/// and without it, and never applies it by itself.
struct Firewall {
    let configuration: Configuration
    let sshPort: UInt16
    var host: any HostSystem = LinuxHost()

    func run(_ wish: FirewallWish) async throws {
        do throws(HostError) {
            switch wish {
            case .show:
                print(FirewallScript.text(configuration, sshPort: sshPort), terminator: "")
            case .apply:
                try await host.runScript(FirewallScript.text(configuration, sshPort: sshPort))
                print("table inet \(HostNames.firewall) is in force until the next reboot")
            case .remove:
                try await host.runScript(FirewallScript.removal)
                print("there is no table inet \(HostNames.firewall) any more")
            }
        } catch {
            StandardError.write("\(error)\n")
            throw ExitCode(error.code == .notPermitted ? 77 : 69)
        }
    }
}
