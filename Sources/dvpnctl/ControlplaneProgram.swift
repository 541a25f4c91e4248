internal import Glibc

/// The controlplane's own program, for what is asked where none runs.
enum ControlplaneProgram {
    /// Becomes it (execve(2)); returns only where it is not found, beside this program or where it
    /// is installed.
    static func become(_ arguments: [String]) {
        let here = CommandLine.arguments.first.flatMap { $0.contains("/") ? $0 : nil }
        let beside = here.map { String($0[...($0.lastIndex(of: "/") ?? $0.startIndex)]) }
        for place in [beside, "/usr/sbin/", "/usr/local/sbin/"].compactMap(\.self) {
            let path = "\(place)dvpn-controlplane"
            guard unsafe access(path, X_OK) == 0 else { continue }
            // SAFETY: the vector ends with NULL, and execv copies it.
            var words = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
            unsafe execv(path, &words)
            unsafe words.forEach { unsafe free($0) }
        }
    }
}
