internal import CLinux
internal import Protocol

/// dvpn's data path. See ARCHITECTURE.md for what it does and what it leaves to the controlplane.
@main
enum Dataplane {
    static func main() {
        let options = Options.parsed()
        _ = dp_signals()
        let processors = min(max(1, dp_processors()), Limits.workersMax)
        let sizing = Sizing(
            descriptors: dp_descriptor_limit(),
            workers: options.workers == 0 ? processors : options.workers)
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
        dp_widen_descriptors(sizing.descriptorsAtStart)
        let crew = Crew(count: sizing.workers)
        if crew.count > 1 { sockets.saveSyn() }
        var worker = Worker(sockets, sizing: sizing, crew: crew)
        var index = 1
        while index < crew.count {
            launch(Worker(sockets, sizing: sizing, crew: crew, index: index))
            index += 1
        }
        Log.notice("ready; redirected connections on port", Int(sockets.redirectPort))
        _ = unsafe dp_notify(StaticString("READY=1\nSTATUS=Ready; see dvpnctl connections").cString)
        worker.run()
        _ = unsafe dp_notify(StaticString("STOPPING=1").cString)
        Log.notice("ended")
    }

    /// Runs the worker in a thread of its own until the process ends.
    private static func launch(_ worker: consuming Worker) {
        guard let memory = unsafe dp_map(MemoryLayout<Worker>.stride) else {
            Log.fatal("out of memory: no room for a worker")
        }
        // SAFETY: the memory is never unmapped, and from here on the thread's alone.
        unsafe memory.bindMemory(to: Worker.self, capacity: 1).initialize(to: worker)
        let result = unsafe dp_start_thread(
            { memory in
                unsafe memory?.assumingMemoryBound(to: Worker.self).pointee.run()
                return nil
            }, memory)
        guard result == 0 else { Log.fatal("cannot start a worker: errno", -result) }
    }
}
