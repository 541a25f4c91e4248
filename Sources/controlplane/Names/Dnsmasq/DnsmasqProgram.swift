internal import Glibc

/// dnsmasq's executable.
enum DnsmasqProgram {
    private static let places = ["/usr/sbin/dnsmasq", "/usr/bin/dnsmasq", "/sbin/dnsmasq"]

    /// Its path, symbolic links resolved, as `/proc/PID/exe` will name it (realpath(3)).
    static func find() throws(NameFailure) -> String {
        for place in places where unsafe access(place, X_OK) == 0 {
            guard let real = unsafe realpath(place, nil) else { continue }
            defer { unsafe free(real) }
            return unsafe String(cString: real)
        }
        throw NameFailure(
            description: "dnsmasq is not installed; on Debian: apt install dnsmasq-base")
    }

    /// As whom it runs: the user that its package makes, or nobody. Started as root it gives up
    /// what it does not need.
    static var user: String { ProcessUser.named("dnsmasq") == nil ? "nobody" : "dnsmasq" }

    /// The last thing that it said, for a message.
    static func lastWords(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).last { !$0.isEmpty } ?? "it said nothing"
        // "dnsmasq[123]: " and "dnsmasq: " say nothing new.
        guard line.hasPrefix("dnsmasq"), let colon = line.firstIndex(of: ":") else {
            return String(line)
        }
        return String(line[colon...].dropFirst(2))
    }
}
