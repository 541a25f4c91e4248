internal import Glibc

/// dvpn's other programs.
enum Companion {
    static let controlplane = "dvpn-controlplane"

    /// A program beside dvpnctl, installed or freshly built; its bare name, for PATH, where there is
    /// none.
    static func path(_ program: String) -> String {
        guard let directory else { return program }
        let path = "\(directory)/\(program)"
        return unsafe access(path, X_OK) == 0 ? path : program
    }

    /// Where dvpnctl itself is.
    private static var directory: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard length > 0, length < buffer.count else { return nil }
        let path = String(
            decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) }
    }
}
