internal import ArgumentParser
internal import Reports

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

    private static let table = "inet \(HostNames.firewall)"

    func run(_ wish: FirewallWish, json: Bool) async throws {
        let rules = rules(wish)
        do throws(HostError) {
            if wish != .show { try await host.runScript(rules) }
        } catch {
            StandardError.write("\(error)\n")
            throw ExitCode(error.code == .notPermitted ? 77 : 69)
        }
        let report = FirewallReport(table: Self.table, done: wish.rawValue, rules: rules)
        print(json ? try Controlplane.json(report) + "\n" : text(wish, rules), terminator: "")
    }

    private func rules(_ wish: FirewallWish) -> String {
        switch wish {
        case .show, .apply: FirewallScript.text(configuration, sshPort: sshPort)
        case .remove: FirewallScript.removal
        }
    }

    private func text(_ wish: FirewallWish, _ rules: String) -> String {
        switch wish {
        case .show: rules
        case .apply: "table \(Self.table) is in force until the next reboot\n"
        case .remove: "there is no table \(Self.table) any more\n"
        }
    }
}
