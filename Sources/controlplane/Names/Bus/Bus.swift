internal import Glibc

/// A D-Bus, spoken to through `busctl` (systemd): a call now and then is not worth a library that
/// must be there.
struct Bus: Sendable {
    /// nil: the system's.
    let address: String?
    let watcher: ProcessWatcher

    /// The bus that this process's environment names, or the system's.
    static func system(_ watcher: ProcessWatcher) -> Bus {
        let named = unsafe getenv("DBUS_SYSTEM_BUS_ADDRESS").map { unsafe String(cString: $0) }
        return Bus(address: named, watcher: watcher)
    }

    /// Whether there is a bus to speak to, as far as a look at its socket tells.
    var isThere: Bool {
        if address != nil { return true }
        return unsafe access("/run/dbus/system_bus_socket", F_OK) == 0
    }

    /// What is called.
    struct Object: Sendable {
        let service: String
        let path: String
        let interface: String
    }

    /// Calls a method.
    ///
    /// - Parameter arguments: the signature and the values, as busctl(1) takes them. All of them
    ///   together are limited by the kernel to about 2 MiB (execve(2)).
    /// - Returns: what busctl printed.
    @discardableResult
    func call(
        _ object: Object, _ method: String, _ arguments: [String]
    ) async throws(NameFailure) -> String {
        let answer: ProcessHelper.Answer
        do {
            answer = try await ProcessHelper.run(
                launch(
                    ["call", object.service, object.path, object.interface, method] + arguments),
                limit: .seconds(30), watcher: watcher)
        } catch {
            let hint =
                error.code == ENOENT
                ? "; on Debian: apt install systemd"
                : error.code == E2BIG ? "; there are too many names for D-Bus" : ""
            throw NameFailure(description: "\(error)\(hint)")
        }
        if answer.exit == .status(0) { return answer.text }
        let words = answer.text.split(whereSeparator: \.isNewline).last.map(String.init)
        throw NameFailure(
            description: "\(object.service) \(method): \(words ?? "no answer in time")")
    }

    func launch(_ arguments: [String]) -> ProcessLaunch {
        let target = address.map { ["--address=\($0)"] } ?? ["--system"]
        var launch = ProcessLaunch(
            executable: Tool.locate("busctl"), arguments: target + arguments)
        launch.isHangupBlocked = true
        return launch
    }
}
