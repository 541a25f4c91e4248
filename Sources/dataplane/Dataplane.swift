internal import CLinux

/// dvpn's data path. See ARCHITECTURE.md for what it does and what it leaves to the controlplane.
@main
enum Dataplane {
    static func main() {
        let options = Options.parsed()
        _ = dp_signals()
        let sizing = Sizing(descriptors: dp_descriptor_limit())
        let sockets: Sockets
        if let control = unsafe options.control {
            sockets = unsafe Sockets.made(port: options.port, control: control)
        } else {
            sockets = Sockets.activated()
        }
        if let user = unsafe options.user {
            var uid: UInt32 = 0
            let result = unsafe dp_become(user, &uid)
            guard result == 0 else { Log.fatal("cannot become the user of --user: errno", -result) }
            Log.notice("running as user", Int(uid))
        }
        sizing.announce()
        var worker = Worker(sockets, sizing: sizing)
        Log.notice("ready; redirected connections on port", Int(worker.redirectPort))
        _ = unsafe dp_notify(StaticString("READY=1\nSTATUS=Waiting for the controlplane").cString)
        worker.run()
        _ = unsafe dp_notify(StaticString("STOPPING=1").cString)
        Log.notice("ended")
    }
}
