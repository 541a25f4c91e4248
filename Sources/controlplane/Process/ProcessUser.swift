internal import CLinux
internal import Glibc

/// As whom a child runs: user, primary group and supplementary groups, all numbers.
struct ProcessUser: Equatable, Sendable {
    let name: String
    let user: UInt32
    let group: UInt32
    let groups: [UInt32]

    /// Who we are ourselves.
    static var current: ProcessUser {
        ProcessUser(name: "uid \(geteuid())", user: geteuid(), group: getegid(), groups: [])
    }

    /// Whether a child has to change its credentials to become this user.
    var differsFromUs: Bool { user != geteuid() }

    /// A user by name, or nil when there is none (getpwnam_r(3), getgrouplist(3)).
    static func named(_ name: String) -> ProcessUser? {
        var user: uid_t = 0
        var group: gid_t = 0
        var groups = [gid_t](repeating: 0, count: 64)
        var count = Int32(groups.count)
        // SAFETY: the array has as many elements as `count` says, and is not kept.
        let found = unsafe dvpn_user_lookup(name, &user, &group, &groups, &count)
        guard found == 1 else { return nil }
        let known = Array(groups.prefix(Int(max(0, count))))
        return ProcessUser(name: name, user: user, group: group, groups: known)
    }

    /// All groups of a user, the primary one too; none where there is no such user (getpwuid_r(3)).
    static func groups(of user: UInt32) -> [UInt32] {
        var entry = unsafe passwd()
        var buffer = [CChar](repeating: 0, count: 16_384)
        var found: UnsafeMutablePointer<passwd>?
        // SAFETY: the entry points into the buffer, and is read before that goes.
        let name: String? = unsafe buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress,
                unsafe getpwuid_r(user, &entry, base, buffer.count, &found) == 0,
                unsafe found != nil, let name = unsafe entry.pw_name
            else { return nil }
            return unsafe String(cString: name)
        }
        return name.flatMap(named)?.groups ?? []
    }

    /// A group's number by name, or nil when there is none (getgrnam_r(3)).
    static func group(named name: String) -> UInt32? {
        var group: gid_t = 0
        return unsafe dvpn_group_lookup(name, &group) == 1 ? group : nil
    }

    /// Whether this user could read a file, its directories included: nil, or errno.
    ///
    /// Asked of the kernel by a child that becomes the user, because access lists, capabilities and
    /// directories on the way all have a say.
    func readFailure(of path: String) -> Int32? {
        if !differsFromUs {
            return unsafe access(path, R_OK) == 0 ? nil : errno
        }
        let result = unsafe dvpn_process_may_read(path, user, group, groups, groups.count)
        return result == 0 ? nil : -result
    }
}
