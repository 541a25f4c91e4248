internal import CLinux

/// Lines on standard error, written without allocating: fixed words and numbers, nothing else.
///
/// To the journal each line starts with the level that it understands (sd-daemon(3)); addresses and names
/// belong to the controlplane's log, which has both.
enum Log {
    @_noAllocation @_noLocks
    static func warning(_ words: StaticString, _ value: Int = .min) {
        line("<4>", words, value)
    }

    @_noAllocation @_noLocks
    static func notice(_ words: StaticString, _ value: Int = .min) {
        line("<5>", words, value)
    }

    /// Says why and ends the process with status 1.
    static func fatal(_ words: StaticString, _ value: Int = .min) -> Never {
        line("<3>", words, value)
        dp_exit(1)
    }

    @_noAllocation @_noLocks
    private static func line(_ level: StaticString, _ words: StaticString, _ value: Int) {
        // SAFETY: StaticString is valid for ever; dp_log copies into a buffer of its own.
        unsafe dp_log(
            UnsafeRawPointer(level.utf8Start), level.utf8CodeUnitCount,
            UnsafeRawPointer(words.utf8Start), words.utf8CodeUnitCount, value)
    }
}
