internal import CLinux

/// How the C library's allocator treats this process, whose needs are large for a moment (a map of
/// 65,536 lines is read, a table is sent) and small otherwise.
enum Memory {
    /// To be called before there are threads.
    static func prepare() { cl_memory_prepare() }

    /// Gives back what is free: a few milliseconds in which others may allocate.
    static func trim() {
        Task.detached(priority: .utility) { cl_memory_trim() }
    }
}
