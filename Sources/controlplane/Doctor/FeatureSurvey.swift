internal import CLinux
internal import Glibc

/// What the kernel can do, tried and not believed; nothing on the host is changed.
struct FeatureSurvey {
    let host: any HostSystem

    func features() async -> [DoctorFacts.Feature] {
        [device, queues, savedSYN] + (await tables())
    }

    private typealias Feature = DoctorFacts.Feature

    /// Opened, but no device is made.
    private var device: Feature {
        Feature(
            name: "/dev/net/tun", purpose: "the doorbell",
            fix: "load the kernel module: modprobe tun; in a container: give it /dev/net/tun",
            state: Self.state(dvpn_device_look()))
    }

    private var queues: Feature {
        let found = dvpn_device_look()
        let state: Feature.State =
            found == 0 ? .missing("the kernel's TUN has one queue only") : Self.state(found)
        return Feature(
            name: "a TUN device of several queues", purpose: "a worker for each processor",
            fix: "use a kernel whose TUN has multi-queue (since Linux 3.8)", state: state)
    }

    /// TCP_SAVE_SYN (tcp(7)), on a socket that is closed again.
    private var savedSYN: Feature {
        let raw = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var result = raw < 0 ? -errno : 0
        if raw >= 0 {
            let descriptor = Descriptor(adopting: raw)
            var one: Int32 = 1
            let size = socklen_t(MemoryLayout<Int32>.size)
            if unsafe setsockopt(descriptor.raw, Int32(IPPROTO_TCP), TCP_SAVE_SYN, &one, size) < 0 {
                result = -errno
            }
        }
        return Feature(
            name: "TCP_SAVE_SYN", purpose: "several workers",
            fix: "use a kernel that has it (since Linux 4.2)", state: Self.state(result))
    }

    private static func state(_ result: Int32) -> Feature.State {
        switch -result {
        case ...0: .there
        case EPERM, EACCES: .unknown(ProcessError.text(-result))
        default: .missing(ProcessError.text(-result))
        }
    }

    /// All of nftables in one question; only where something is missing is each asked for.
    private func tables() async -> [Feature] {
        let all = await state(NftFeature.all.map(\.script).joined())
        let whole = Feature(
            name: NftFeature.whole, purpose: "redirection and the guard",
            fix:
                "load the kernel module nf_tables (modprobe nf_tables), or use a kernel that has it",
            state: all)
        guard case .missing = all else { return [whole] }
        var features: [Feature] = []
        for feature in NftFeature.all {
            features.append(
                Feature(
                    name: feature.name, purpose: feature.purpose, fix: feature.fix,
                    state: await state(feature.script)))
        }
        let isNothingThere = features.allSatisfy { $0.state != .there }
        return isNothingThere ? [whole] : features
    }

    private func state(_ script: String) async -> Feature.State {
        do throws(HostError) {
            _ = try await host.run(
                .nft, ["--check", "-f", "-"], input: NftFeature.table + script)
            return .there
        } catch {
            return error.code == .notPermitted || error.code == .toolMissing
                ? .unknown(error.description) : .missing(error.description)
        }
    }
}
