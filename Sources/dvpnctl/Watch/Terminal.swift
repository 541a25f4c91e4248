internal import Glibc
internal import Synchronization

/// Set by signals that end us. A handler may do no more than that.
private let isEnded = Atomic<Bool>(false)

/// The terminal while it is ours: another screen, no echo, keys as they are pressed. It is as it was
/// before once this is gone.
struct Terminal: ~Copyable {
    private let before: termios

    /// nil where standard input and output are no terminal.
    init?() {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else { return nil }
        var settings = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        before = settings
        // Before a handler may look at it: a global is made when it is first used.
        isEnded.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            _ = signal(number) { _ in isEnded.store(true, ordering: .relaxed) }
        }
        // Without ISIG ^C is a key like others, and ^Z cannot leave the screen half ours.
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        Console.show(WatchFrame.enter)
    }

    deinit {
        Console.show(WatchFrame.leave)
        var settings = before
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }

    /// In columns and lines; what everything has where it cannot be known.
    var size: (width: Int, height: Int) {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0,
            size.ws_row > 0
        else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Waits for a key, no longer than `milliseconds`; true where the person, or a signal, ends it.
    func isLeft(within milliseconds: Int32) -> Bool {
        var state = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        if unsafe poll(&state, 1, milliseconds) > 0 {
            var keys = [UInt8](repeating: 0, count: 64)
            let count = unsafe read(STDIN_FILENO, &keys, keys.count)
            // A terminal that is gone.
            if count == 0 || (count < 0 && errno != EINTR) { return true }
            if keys.prefix(max(0, count)).contains(where: Self.leaves) { return true }
        }
        return isEnded.load(ordering: .relaxed)
    }

    /// q, Q, ^C and ^D.
    static func leaves(_ key: UInt8) -> Bool {
        key == UInt8(ascii: "q") || key == UInt8(ascii: "Q") || key == 3 || key == 4
    }
}
