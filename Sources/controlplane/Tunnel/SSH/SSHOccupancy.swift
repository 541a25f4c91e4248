/// How many connections stand on each master's socket, from `/proc/net/unix`.
///
/// ssh does not tell, and the dataplane counts by network; but every accepted connection of a
/// listening socket is listed with the listener's path.
enum SSHOccupancy {
    /// - Returns: the number of connections, by path; 0 for a path that is not listed.
    static func count(procNetUnix: String, paths: [String]) -> [String: Int] {
        var counts = Dictionary(paths.map { ($0, 0) }, uniquingKeysWith: { one, _ in one })
        for line in procNetUnix.split(separator: "\n") {
            // Num: RefCount Protocol Flags Type St Inode Path
            guard let start = line.firstIndex(of: "/") else { continue }
            let path = String(line[start...])
            guard counts[path] != nil else { continue }
            let fields = line[..<start].split(separator: " ")
            // __SO_ACCEPTCON marks the listener itself.
            guard fields.count >= 6, let flags = UInt32(fields[3], radix: 16), flags & 0x1_0000 == 0
            else { continue }
            counts[path, default: 0] += 1
        }
        return counts
    }
}
