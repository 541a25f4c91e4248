/// resolv.conf(5), which is read and never written.
enum ResolverFile {
    static let path = "/etc/resolv.conf"
    /// Where systemd-resolved keeps the servers that it asks itself.
    static let behindResolved = "/run/systemd/resolve/resolv.conf"

    /// The addresses of its nameservers, in its order; what the C library would not understand is
    /// left out, as it does.
    static func nameservers(_ text: String) -> [Nameserver] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "nameserver" else { return nil }
            // A zone such as fe80::1%eth0 means nothing to us.
            return Nameserver(text: String(words[1].prefix { $0 != "%" }))
        }
    }

    /// Those of this host now.
    static func current() -> [Nameserver] {
        nameservers(((try? ProcessFiles.text(path)) ?? nil) ?? "")
    }

    /// The domains in which names are looked for that are not found as they are: the last line with
    /// such counts.
    static func searched(_ text: String) -> [String] {
        let lines = text.split(whereSeparator: \.isNewline)
            .map { $0.split(whereSeparator: { $0 == " " || $0 == "\t" }) }
        guard let line = lines.last(where: { $0.first == "search" || $0.first == "domain" }) else {
            return []
        }
        return line.dropFirst().map(String.init)
    }

    /// The public servers that this host has, for questions of our own: those behind a resolver of
    /// this host's, where there is one.
    static func upstream() -> [Nameserver] {
        for file in [behindResolved, path] {
            let text = ((try? ProcessFiles.text(file)) ?? nil) ?? ""
            let servers = nameservers(text).filter { !$0.isLoopback }
            if !servers.isEmpty { return servers }
        }
        return []
    }
}
