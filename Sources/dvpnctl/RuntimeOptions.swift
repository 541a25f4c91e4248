internal import ArgumentParser

/// Where the dvpn is that is meant: several may run side by side.
struct RuntimeOptions: ParsableArguments {
    static let defaultDirectory = "/run/dvpn"
    static let socketName = "api.sock"

    @Option(
        help: ArgumentHelp("The runtime directory of the dvpn that is meant.", valueName: "dir"))
    var runtimeDir = Self.defaultDirectory

    var client: APIClient {
        let directory =
            runtimeDir.count > 1 && runtimeDir.hasSuffix("/")
            ? String(runtimeDir.dropLast()) : runtimeDir
        return APIClient(path: "\(directory)/\(Self.socketName)")
    }
}
