internal import Subprocess
internal import SystemPackage

/// What makes the system's dnsmasq start anew, as its administrator would do it: what is started by
/// it must not have the limits and the umask of our own children.
enum RestartCommand {
    private static let limit: Duration = .seconds(60)
    private static let path = "/usr/sbin:/usr/bin:/sbin:/bin"

    /// - Parameter words: a program and its arguments.
    static func run(_ words: [String]) async throws(NameFailure) {
        let complaint: String? = await withTaskGroup(of: String?.self) { group in
            group.addTask { await execute(words) }
            group.addTask {
                guard (try? await Task.sleep(for: limit)) != nil else { return nil }
                return "it took longer than \(limit)"
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let complaint {
            throw NameFailure(description: "\(words.joined(separator: " ")): \(complaint)")
        }
    }

    /// What went wrong, or nil.
    private static func execute(_ words: [String]) async -> String? {
        do {
            let result = try await Subprocess.run(
                .path(FilePath(Tool.locate(words[0]))),
                arguments: Arguments(Array(words.dropFirst())),
                environment: .custom(["PATH": path, "LC_ALL": "C"]),
                output: .discarded, error: .string(limit: 65_536))
            guard case .exited(0) = result.terminationStatus else {
                return DnsmasqProgram.lastWords(result.standardError)
            }
            return nil
        } catch {
            return "it could not be run: \(error)"
        }
    }
}
