internal import Protocol

/// The port of redirected connections is somebody else's in one family: nobody is led there, so that
/// what should be is refused.
enum PortFinding {
    static func findings(_ input: HostInput) -> [HostFinding] {
        guard let listening = input.listening else { return [] }
        return Family.allCases.filter {
            // Without IPv6 there is nothing to listen on, which has a finding of its own.
            !listening.contains($0) && ($0 == .ipv4 || input.ipv6) && input.wants($0)
        }.map { family in
            let version = "IPv\(family.rawValue)"
            return HostFinding(
                code: .portTaken,
                message: "port \(HostNames.port) is not the dataplane's in \(version), whose "
                    + "connections to private addresses are refused")
        }
    }
}
