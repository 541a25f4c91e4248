internal import Glibc

/// Finds programs; PATH is not asked, because it is the caller's.
enum Tool {
    private static let directories = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]

    /// The path of a program; what has a slash in it is one already. A program that is nowhere gets
    /// the first place, so that starting it fails with that name.
    static func locate(_ program: String) -> String {
        if program.contains("/") { return program }
        let places = directories.map { "\($0)/\(program)" }
        return places.first { unsafe access($0, X_OK) == 0 } ?? places[0]
    }
}
