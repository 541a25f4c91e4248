internal import CLinux

/// What must be true of a file that holds a secret.
struct SecretFile: Equatable, Sendable {
    let owner: UInt32
    /// Permission bits only.
    let mode: UInt32
    let isRegular: Bool

    init(owner: UInt32, mode: UInt32, isRegular: Bool) {
        self.owner = owner
        self.mode = mode
        self.isRegular = isRegular
    }

    init(_ status: cl_file) {
        self.init(owner: status.owner, mode: status.mode, isRegular: status.is_regular != 0)
    }

    /// What is wrong and what to do, or nil.
    func defect(_ path: String, us: UInt32) -> Failure? {
        guard isRegular else {
            return Failure(.configuration, "\(path) is not a file; it must hold a secret")
        }
        guard owner == 0 || owner == us else {
            return Failure(
                .configuration,
                "\(path) belongs to user \(owner), who can read and change the secret in it; "
                    + "chown root it")
        }
        guard mode & 0o077 == 0 else {
            return Failure(
                .configuration,
                "\(path) has mode 0\(String(mode, radix: 8)), so that others can read the secret "
                    + "in it; chmod 600 it")
        }
        return nil
    }
}
