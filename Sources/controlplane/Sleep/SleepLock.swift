internal import Glibc

/// A delay lock of systemd-logind's: while it is held, the host waits with going to sleep, for five
/// seconds at most (`InhibitDelayMaxSec=`, logind.conf(5)).
///
/// systemd-inhibit(1) holds it while a program runs that waits for the end of our pipe: so it is
/// let go when we die, however that happens. Where it cannot be had, the host does not wait.
actor SleepLock {
    private let bus: Bus
    private var holder: (process: ProcessHandle, pipe: Descriptor)?

    init(bus: Bus) { self.bus = bus }

    func take() async {
        if let holder, !holder.process.hasEnded { return }
        guard let (output, input) = try? Descriptor.pipe() else { return }
        var launch = ProcessLaunch(
            executable: Tool.locate("systemd-inhibit"),
            arguments: [
                "--what=sleep", "--mode=delay", "--who=dvpn", "--why=Tunnels end first",
                // To which it gives all signals back.
                "/bin/sh", "-c", "trap '' HUP; exec cat",
            ])
        if let address = bus.address {
            launch.environment.append("DBUS_SYSTEM_BUS_ADDRESS=\(address)")
        }
        launch.input = output
        launch.isHangupBlocked = true
        guard let process = try? launch.start(watcher: bus.watcher) else { return }
        holder = (process, input)
    }

    /// Returns when the host need not wait any more.
    func release() async {
        guard let process = holder?.process else { return }
        holder = nil
        if await process.wait(atMost: .seconds(1)) == nil {
            await process.terminate(grace: .milliseconds(500))
        }
    }
}
