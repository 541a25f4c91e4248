internal import ArgumentParser
internal import Glibc

/// The controlplane's own executable, for what needs no running dvpn: so the two can never be of
/// different opinions.
enum Companion {
    private static let program = "dvpn-controlplane"

    /// Replaces this process; throws where there is no such program.
    ///
    /// - Parameter purpose: for the complaint, such as "which checks the configuration".
    static func become(_ arguments: [String], _ purpose: String) throws {
        if let directory = ownDirectory { execute("\(directory)/\(program)", arguments) }
        execute(program, arguments)
        Console.complain("dvpnctl: cannot find \(program), \(purpose)\n")
        throw ExitCode(ExitStatus.failed.rawValue)
    }

    /// Where dvpnctl itself is: its companions are beside it, installed or freshly built.
    private static var ownDirectory: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        guard length > 0, length < buffer.count else { return nil }
        let path = String(
            decoding: buffer[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) }
    }

    /// The corresponding C function is `execvp`, which searches PATH for a name without a slash.
    private static func execute(_ program: String, _ arguments: [String]) {
        // SAFETY: strdup's copies live until the program is replaced or, if it is not, are freed.
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map {
            unsafe strdup($0)
        }
        unsafe pointers.append(nil)
        _ = unsafe execvp(program, pointers)
        unsafe pointers.forEach { unsafe free($0) }
    }
}
