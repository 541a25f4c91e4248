internal import CLinux

/// By what another version of a file is known without reading it. All zero: there is none.
struct FileState: Equatable, Sendable {
    private(set) var inode: UInt64 = 0
    private(set) var size: Int64 = 0
    private(set) var modifiedNs: Int64 = 0

    /// Of the file as it is now.
    init(_ path: String) {
        var found = cl_file()
        guard unsafe cl_status(path, &found) == 0 else { return }
        inode = found.inode
        size = found.size
        modifiedNs = found.modified_ns
    }
}
