import Glibc

@testable import controlplane

/// A directory of the test's own below /tmp, removed with all that is in it at the end.
final class TestDirectory: Sendable {
    let path: String

    init() {
        // mkdtemp(3) puts a name of its own in the place of the X.
        var template = Array("/tmp/dvpn-test-XXXXXX".utf8CString)
        path = unsafe mkdtemp(&template).map { unsafe String(cString: $0) } ?? "/nonexistent"
        _ = unsafe chmod(path, 0o755)
    }

    deinit { remove(path) }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ name: String, _ text: String, mode: mode_t = 0o644) {
        try? AtomicFile.write(Array(text.utf8), to: path(name), mode: mode, durable: false)
    }

    func makeDirectory(_ name: String) { _ = unsafe mkdir(path(name), 0o700) }

    private func remove(_ path: String) {
        for name in ProcessFiles.names(in: path) {
            if unsafe unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        }
        _ = unsafe rmdir(path)
    }
}
