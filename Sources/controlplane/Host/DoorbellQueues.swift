internal import CLinux
internal import Glibc

/// Opens what the dataplane reads packets from and sends them on by.
enum DoorbellQueues {
    /// Queues that a TUN device can have (MAX_TAP_QUEUES in the kernel's drivers/net/tun.c).
    static let countMax = 256

    /// Opens `count` queues: non-blocking, close-on-exec, packets without a header.
    ///
    /// The kernel spreads packets over all open queues at once. So open them only when the
    /// dataplane is there to take them, and close these copies when it has them. Queues that the
    /// dataplane already holds stay attached; it closes them itself once it reads the new ones.
    static func open(_ count: Int) throws(HostError) -> [CInt] {
        precondition((1...countMax).contains(count))
        var queues: [CInt] = []
        for _ in 0..<count {
            let queue = unsafe HostNames.device.withCString { unsafe dvpn_device_open_queue($0) }
            guard queue >= 0 else {
                for queue in queues { close(queue) }
                throw failure(-queue)
            }
            queues.append(queue)
        }
        return queues
    }

    /// Opens the socket by which this host's own IPv6 packets go on: non-blocking, close-on-exec.
    ///
    /// They begin anew in the output hook, where netfilter knows them by the socket's mark and lets
    /// them go to private addresses only. Whoever gets the socket must be without CAP_NET_ADMIN and
    /// CAP_NET_RAW, or could change the mark.
    ///
    /// - Returns: nil where the kernel has no IPv6.
    static func openRawSocket() throws(HostError) -> Descriptor? {
        let socket = dvpn_raw6_open(HostNames.rawMark)
        if socket >= 0 { return Descriptor(adopting: socket) }
        guard socket != -EAFNOSUPPORT else { return nil }
        throw HostError(
            .notPermitted,
            "A raw IPv6 socket could not be made (errno \(-socket)): run dvpn-controlplane as root, "
                + "or with CAP_NET_ADMIN and CAP_NET_RAW.")
    }

    /// - Parameter code: the errno of a function of device.h.
    static func failure(_ code: CInt) -> HostError {
        let name = HostNames.device
        switch code {
        case ENOENT, ENXIO:
            return HostError(
                .noTun, "There is no /dev/net/tun: load the kernel module tun (modprobe tun).")
        case EPERM, EACCES:
            return HostError(
                .notPermitted,
                "\(name) may not be made or opened: run dvpn-controlplane as root, or "
                    + "with CAP_NET_ADMIN and /dev/net/tun.")
        case EINVAL, EBUSY, EEXIST:
            return HostError(
                .foreignDevice,
                "There is a device \(name) that dvpn did not make (errno \(code)). "
                    + "Rename or remove it: ip link delete \(name).")
        case ENODEV:
            return HostError(.noTun, "The device \(name) has gone; it is made again on a reload.")
        default:
            return HostError(.noTun, "\(name) could not be made or opened (errno \(code)).")
        }
    }
}
