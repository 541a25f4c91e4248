internal import CLinux
internal import Protocol

/// The command line.
@safe
struct Options {
    var port: UInt16 = 0
    var control: UnsafePointer<CChar>?
    var user: UnsafePointer<CChar>?
    /// 0: one for each processor.
    var workers = 0

    static let help: StaticString = """
        usage: dvpn-dataplane [--listen PORT --control PATH] [--user NAME] [--workers N]

        The data path of dvpn: holds the first packets of private connections, opens their far
        side and carries their bytes. It is told what is private by dvpn-controlplane.

          --listen PORT    take redirected connections on this port (1-65535), IPv4 and IPv6
          --control PATH   make the socket that dvpn-controlplane connects to
          --user NAME      become this user once the sockets are made
          --workers N      threads (1-16) that share the connections; otherwise one for each
                           processor that this process may use
          --help           show this text

        Without --listen the sockets come from systemd (LISTEN_FDS), named redirect4, redirect6
        and control. Exit status: 0 after SIGTERM, 1 on failure, 64 for a wrong command line.

        """

    /// Parses argv; ends the process on `--help` (0) and on anything wrong (64).
    static func parsed() -> Options {
        var options = Options()
        let arguments = unsafe dp_arguments()
        var index = 1
        while let name = unsafe arguments?[index] {
            if unsafe equal(name, "--help") {
                unsafe dp_print(help.utf8Start, help.utf8CodeUnitCount)
                dp_exit(0)
            }
            guard let value = unsafe arguments?[index + 1] else {
                usage("an option needs a value, or is unknown: number", index)
            }
            if unsafe equal(name, "--listen") {
                guard let port = unsafe number(value), (1...65_535).contains(port) else {
                    usage("--listen needs a port from 1 to 65535: argument", index + 1)
                }
                options.port = UInt16(port)
            } else if unsafe equal(name, "--control") {
                unsafe options.control = UnsafePointer(value)
            } else if unsafe equal(name, "--user") {
                unsafe options.user = UnsafePointer(value)
            } else if unsafe equal(name, "--workers") {
                guard let count = unsafe number(value), (1...Limits.workersMax).contains(count)
                else { usage("--workers needs a number from 1 to 16: argument", index + 1) }
                options.workers = count
            } else {
                usage("unknown option: argument", index)
            }
            index += 2
        }
        if unsafe (options.port == 0) != (options.control == nil) {
            usage("--listen and --control go together")
        }
        return options
    }

    private static func usage(_ words: StaticString, _ value: Int = .min) -> Never {
        Log.warning(words, value)
        Log.notice("try dvpn-dataplane --help")
        dp_exit(64)
    }

    private static func equal(_ text: UnsafePointer<CChar>, _ word: StaticString) -> Bool {
        for index in 0...word.utf8CodeUnitCount {
            if unsafe UInt8(bitPattern: text[index]) != word.utf8Start[index] { return false }
        }
        return true
    }

    /// A decimal number of up to nine digits.
    static func number(_ text: UnsafePointer<CChar>) -> Int? {
        var value = 0
        var index = 0
        while unsafe text[index] != 0 {
            let digit = unsafe Int(text[index]) - 48
            guard (0...9).contains(digit), index < 9 else { return nil }
            value = value * 10 + digit
            index += 1
        }
        return index > 0 ? value : nil
    }
}
