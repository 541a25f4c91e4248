/// What `ip` and `nft` say when they fail, as an error that says what to do.
enum ToolComplaint {
    /// - Parameter complaint: all that the tool wrote to its standard error.
    static func error(_ tool: HostTool, _ arguments: [String], _ complaint: String) -> HostError {
        let words = excerpt(complaint)
        if complaint.contains("Operation not permitted") || complaint.contains("must be root") {
            return HostError(
                .notPermitted,
                "`\(tool.rawValue)` may not configure this network namespace: run "
                    + "dvpn-controlplane as root, or with CAP_NET_ADMIN. It said: \(words)")
        }
        if tool == .nft && (isWithoutNetfilter(complaint)) {
            return HostError(
                .noNetfilter,
                "This kernel has no nf_tables, or not all that dvpn's rules need: "
                    + "load the modules nf_tables, nft_fib_inet, nft_reject_inet, nft_redir and "
                    + "nft_ct, or use a kernel that has them. nft said: \(words)")
        }
        let command = ([tool.rawValue] + arguments).joined(separator: " ")
        return HostError(.refused, "`\(command)` failed: \(words)")
    }

    private static func isWithoutNetfilter(_ complaint: String) -> Bool {
        complaint.contains("cache initialization failed")
            || complaint.contains("Unable to initialize Netlink socket")
            || complaint.contains("Protocol not supported")
            || complaint.contains("Could not process rule: No such file or directory")
            || complaint.contains("Could not process rule: Operation not supported")
    }

    /// The first lines, in one: a script's worth of complaints would hide the first.
    private static func excerpt(_ complaint: String) -> String {
        let lines = complaint.split(separator: "\n").prefix(3).map { line in
            line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return lines.isEmpty ? "nothing" : lines.joined(separator: " / ")
    }
}
