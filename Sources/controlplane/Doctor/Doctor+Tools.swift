internal import Reports

/// The programs that dvpn runs.
extension Doctor {
    static func tools(_ facts: DoctorFacts) -> [Check] {
        facts.tools.map { tool in
            guard let path = tool.path else {
                return Check(
                    .toolMissing, .error,
                    "\(tool.name) is not installed; it is needed for \(tool.purpose)",
                    fix: tool.package.map { "apt install \($0)" }
                        ?? "install it, or write its right path into the configuration")
            }
            guard let version = tool.version else {
                return Check(.tool, .ok, "\(tool.name) is \(path), of a version it does not tell")
            }
            if let oldest = tool.oldest, version < oldest {
                return Check(
                    .toolOld, .error,
                    "\(tool.name) \(version) (\(path)) is older than \(oldest), the oldest that can do "
                        + "what is needed for \(tool.purpose)",
                    fix: tool.package.map { "install a newer \($0)" })
            }
            return Check(.tool, .ok, "\(tool.name) \(version) is \(path)")
        }
    }
}
