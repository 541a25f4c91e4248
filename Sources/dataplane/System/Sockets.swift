internal import CLinux

/// The listening sockets: systemd's (sd_listen_fds(3)), or our own.
struct Sockets: ~Copyable {
    private(set) var redirect4: Int32 = -1
    private(set) var redirect6: Int32 = -1
    private(set) var control: Int32 = -1
    private(set) var redirectPort: UInt16 = 0
    /// The shelf that systemd kept for us; -1 where it kept none.
    private(set) var shelfIn: Int32 = -1
    private(set) var shelfOut: Int32 = -1
    /// The user that started the process, who may speak as the controlplane beside root.
    let controlUser = dp_own_uid()

    /// Descriptor 3 and up, named redirect4, redirect6 and control in LISTEN_FDNAMES; and after a
    /// restart shelf-in and shelf-out.
    static func activated() -> Sockets {
        guard number("LISTEN_PID") == Int(dp_own_pid()), let count = number("LISTEN_FDS"),
            count > 0,
            let names = unsafe dp_environment(StaticString("LISTEN_FDNAMES").cString)
        else {
            Log.fatal(
                "no sockets: start me by dvpn-dataplane.socket, or with --listen PORT --control PATH"
            )
        }
        var sockets = Sockets()
        var name = unsafe names
        for index in 0..<count {
            let descriptor = Int32(3 + index)
            // The first of a name is the socket's own unit's: systemd passes what a process has stored
            // behind those, under any name, and a captured one may have stored anything.
            if unsafe matches(name, "redirect4"), sockets.redirect4 < 0 {
                sockets.redirect4 = descriptor
            } else if unsafe matches(name, "redirect6"), sockets.redirect6 < 0 {
                sockets.redirect6 = descriptor
            } else if unsafe matches(name, "control"), sockets.control < 0 {
                sockets.control = descriptor
                _ = dp_set_nonblocking(descriptor)
            } else if unsafe matches(name, "shelf-in"), sockets.shelfIn < 0 {
                sockets.shelfIn = descriptor
            } else if unsafe matches(name, "shelf-out"), sockets.shelfOut < 0 {
                sockets.shelfOut = descriptor
            } else {
                Log.warning(
                    "LISTEN_FDNAMES has a name I do not know; closing its socket, number:", index)
                _ = dp_close(descriptor)
                // What is kept under it would take the room of the shelf, which is stored anew with
                // the first link.
                let isShelf = unsafe matches(name, "shelf-in") || matches(name, "shelf-out")
                if !isShelf { _ = unsafe dp_forget_stored(name) }
            }
            while unsafe name.pointee != 0 && name.pointee != 58 { unsafe name += 1 }
            if unsafe name.pointee == 58 { unsafe name += 1 }
        }
        sockets.prepare()
        return sockets
    }

    /// Sockets of our own: the port on every address, IPv4 and IPv6, and a Unix socket that only
    /// its owner may use.
    static func made(port: UInt16, control path: UnsafePointer<CChar>) -> Sockets {
        var sockets = Sockets()
        let first = dp_listen_tcp(4, port)
        guard first >= 0 else { Log.fatal("cannot listen on the IPv4 port: errno", Int(-first)) }
        sockets.redirect4 = Int32(first)
        let second = dp_listen_tcp(6, port)
        if second >= 0 {
            sockets.redirect6 = Int32(second)
        } else {
            Log.warning("no IPv6 here, serving IPv4 only: errno", Int(-second))
        }
        let third = unsafe dp_listen_unix(path)
        guard third >= 0 else { Log.fatal("cannot make the control socket: errno", Int(-third)) }
        sockets.control = Int32(third)
        sockets.prepare()
        return sockets
    }

    private mutating func prepare() {
        guard control >= 0 else { Log.fatal("no socket named control") }
        guard redirect4 >= 0 || redirect6 >= 0 else {
            Log.fatal("no socket named redirect4 or redirect6")
        }
        if redirect4 >= 0 { _ = dp_prepare_listener(redirect4) }
        if redirect6 >= 0 { _ = dp_prepare_listener(redirect6) }
        let port = dp_listener_port(redirect4 >= 0 ? redirect4 : redirect6)
        redirectPort = UInt16(clamping: port)
    }

    /// Has accepted connections know the SYN by which they came, which says whose they are.
    func saveSyn() {
        if redirect4 >= 0 { _ = dp_save_syn(redirect4) }
        if redirect6 >= 0 { _ = dp_save_syn(redirect6) }
    }

    private static func number(_ name: StaticString) -> Int? {
        guard let text = unsafe dp_environment(name.cString) else { return nil }
        return unsafe Options.number(text)
    }

    /// True if `text` up to a colon or its end is `word`.
    private static func matches(_ text: UnsafePointer<CChar>, _ word: StaticString) -> Bool {
        for index in 0..<word.utf8CodeUnitCount {
            if unsafe UInt8(bitPattern: text[index]) != word.utf8Start[index] { return false }
        }
        let end = unsafe text[word.utf8CodeUnitCount]
        return end == 0 || end == 58
    }
}

extension StaticString {
    /// For C, without the copy that a String would be.
    var cString: UnsafePointer<CChar> {
        // SAFETY: a StaticString of more than one scalar is memory that ends with a NUL and stays.
        @_noAllocation @_noLocks get {
            unsafe UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
        }
    }
}
