internal import CSystemd
internal import Glibc

/// One of our objects on the bus. Pure.
enum BusObject: Equatable, Sendable {
    /// `/org/dvpn1`: the manager.
    case manager
    /// `/org/dvpn1/network`: where the networks are; it has no interface of its own.
    case folder
    /// `/org/dvpn1/network/NAME`.
    case network(String)

    static let managerPath = "/org/dvpn1"
    static let folderPath = "/org/dvpn1/network"

    var path: String {
        switch self {
        case .manager: Self.managerPath
        case .folder: Self.folderPath
        case .network(let name): Self.path(name)
        }
    }

    /// nil for a path that cannot be one of ours.
    init?(path: String) {
        switch path {
        case Self.managerPath:
            self = .manager
        case Self.folderPath:
            self = .folder
        default:
            guard let name = Self.name(path), Self.path(name) == path else { return nil }
            self = .network(name)
        }
    }

    /// The path's last part: what is no letter or digit is written `_` and two hexadecimal digits.
    static func label(_ name: String) -> String {
        String(path(name).dropFirst(folderPath.utf8.count + 1))
    }

    /// The corresponding C function is `sd_bus_path_encode`.
    private static func path(_ name: String) -> String {
        var path: UnsafeMutablePointer<CChar>?
        let result = unsafe sd_bus_path_encode(folderPath, name, &path)
        guard result >= 0, let path = unsafe path else {
            preconditionFailure("every text has a path: \(result)")
        }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    /// The corresponding C function is `sd_bus_path_decode`.
    private static func name(_ path: String) -> String? {
        var name: UnsafeMutablePointer<CChar>?
        guard unsafe sd_bus_path_decode(path, folderPath, &name) > 0, let name = unsafe name else {
            return nil
        }
        defer { unsafe free(name) }
        return unsafe String(validatingCString: name)
    }
}
