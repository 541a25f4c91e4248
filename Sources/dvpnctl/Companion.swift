internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Reports

/// dvpn's other programs. The controlplane's own executable does what needs no running dvpn, so that
/// the two can never be of different opinions.
enum Companion {
    static let controlplane = "dvpn-controlplane"

    /// A program beside dvpnctl, installed or freshly built, or where programs for root are; its
    /// bare name, for PATH, where there is none.
    static func path(_ program: String) -> String {
        let places = [directory, "/usr/local/sbin", "/usr/sbin"].compactMap { $0 }
        return places.lazy.map { "\($0)/\(program)" }
            .first { unsafe access($0, X_OK) == 0 } ?? program
    }

    /// Replaces this process by the controlplane's program; throws where there is none.
    ///
    /// - Parameter purpose: for the complaint, such as "which checks the configuration".
    static func become(_ arguments: [String], _ purpose: String) throws {
        tryToBecome(arguments)
        Console.complain("dvpnctl: cannot find \(controlplane), \(purpose)\n")
        throw ExitCode(ExitStatus.failed.rawValue)
    }

    /// The same, but comes back where there is none.
    ///
    /// The corresponding C function is `execvp`, which searches PATH for a name without a slash.
    static func tryToBecome(_ arguments: [String]) {
        let program = path(controlplane)
        // SAFETY: strdup's copies live until the program is replaced or, if it is not, are freed.
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map {
            unsafe strdup($0)
        }
        unsafe pointers.append(nil)
        _ = unsafe execvp(program, pointers)
        unsafe pointers.forEach { unsafe free($0) }
    }

    /// What it says of a configuration.
    static func check(_ file: String, seconds: Int = 30) throws(ClientError) -> CheckReport {
        let end = try Child.run(
            path(controlplane), ["--check", "--config", file, "--json"], seconds: seconds)
        do {
            return try ReportCoding.decode(CheckReport.self, from: Data(end.text.utf8))
        } catch {
            throw .here("cannot understand \(controlplane): \(end.text)")
        }
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
