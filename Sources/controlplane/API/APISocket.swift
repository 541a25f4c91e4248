internal import Glibc
internal import NIOCore
internal import NIOPosix

/// The file of the API's socket: taken from a dead predecessor, never from a live one.
///
/// The server binds a name beside it, which becomes the real one only when owner and mode are right:
/// nobody can connect in between, and a client sees either the old socket or the new one.
struct APISocket: Sendable {
    /// Why the socket cannot be had.
    struct Failure: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    /// Whoever is in this group may ask; without the group, only root.
    static let group = "dvpn-admin"

    /// sun_path of unix(7) without its NUL.
    private static let pathMax = 107

    let path: String

    /// What the server binds.
    var bindPath: String { path + ".new" }

    /// Makes room for the server.
    func prepare() async throws(Failure) {
        guard bindPath.utf8.count <= Self.pathMax else {
            throw Failure(
                description: "\(path) is too long for a socket: use a shorter --runtime-dir")
        }
        if try await isAnswered() {
            throw Failure(description: "another dvpn-controlplane answers at \(path)")
        }
        for stale in [path, bindPath] where unsafe unlink(stale) != 0 && errno != ENOENT {
            throw Self.failure("remove \(stale)")
        }
    }

    /// Opens the bound socket to those who may ask, and gives it its name.
    ///
    /// The corresponding C functions are `chown`, `chmod` and `rename`.
    func publish() throws(Failure) {
        if let group = ProcessUser.group(named: Self.group) {
            // (uid_t)-1 leaves the owner as it is.
            guard unsafe chown(bindPath, uid_t.max, group) == 0 else {
                throw Self.failure("give \(bindPath) to group \(Self.group)")
            }
        }
        guard unsafe chmod(bindPath, 0o660) == 0 else {
            throw Self.failure("set the mode of \(bindPath)")
        }
        guard unsafe rename(bindPath, path) == 0 else {
            throw Self.failure("rename \(bindPath)")
        }
    }

    /// Removes the socket when the server has ended.
    func withdraw() {
        _ = unsafe unlink(path)
    }

    /// True where somebody accepts at `path`; false where nobody does, or there is no such file.
    private func isAnswered() async throws(Failure) -> Bool {
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: path).get()
            try? await channel.close()
            return true
        } catch let error as IOError {
            switch error.errnoCode {
            case ENOENT, ECONNREFUSED, ENOTSOCK: return false
            // The backlog is full: there is somebody.
            case EAGAIN: return true
            default:
                let reason = ProcessError.text(error.errnoCode)
                throw Failure(description: "cannot use \(path): \(reason)")
            }
        } catch {
            throw Failure(description: "cannot use \(path): \(error)")
        }
    }

    private static func failure(_ attempt: String) -> Failure {
        Failure(description: ProcessError(attempt: attempt, code: errno).description)
    }
}
