/// resolv.conf(5) as it stands.
struct ResolverSnapshot: Equatable, Sendable, Codable {
    /// Where it leads when it is a symbolic link.
    var link: String?
    /// nil: there is no such file.
    var content: [UInt8]?
    /// Permission bits and owner of the file itself.
    var mode: UInt32 = 0o644
    var owner: UInt32 = 0
    var group: UInt32 = 0

    /// The name servers that it names.
    var nameServers: [String] {
        String(decoding: content ?? [], as: UTF8.self).split(whereSeparator: \.isNewline)
            .compactMap { line in
                let words = line.split(whereSeparator: \.isWhitespace)
                return words.count > 1 && words[0] == "nameserver" ? String(words[1]) : nil
            }
    }

    /// Whether the stock vpnc-script has written it.
    var isGenerated: Bool {
        String(decoding: content ?? [], as: UTF8.self).split(whereSeparator: \.isNewline)
            .contains { $0.hasPrefix("#@VPNC_GENERATED@") }
    }
}
