/// A kernel's version, as uname(2) gives its release: `6.1.0-18-amd64`.
struct KernelVersion: Comparable, Sendable {
    let major: Int
    let minor: Int

    /// The oldest kernel that has everything: `reject` in prerouting came with 5.9, NAT chains in
    /// `inet` tables with 5.2, and 5.10 is the oldest that still gets fixes.
    static let oldest = KernelVersion(major: 5, minor: 10)

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Nil where the release does not begin with two numbers.
    init?(release: String) {
        let parts = release.split(separator: ".", maxSplits: 2)
        guard parts.count >= 2, let major = Int(parts[0]),
            let minor = Int(parts[1].prefix(while: \.isNumber))
        else { return nil }
        self.init(major: major, minor: minor)
    }

    static func < (left: KernelVersion, right: KernelVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// A finding where the kernel is too old, or says nothing that can be understood.
    static func finding(release: String) -> HostFinding? {
        if let version = KernelVersion(release: release), version >= oldest { return nil }
        return HostFinding(
            code: .kernelOld,
            message: "Kernel \(release) is older than \(oldest.major).\(oldest.minor), the oldest "
                + "that dvpn is made for: expect nftables rules to be refused")
    }
}
