extension SocketPath {
    /// The path from text; nil where it is longer than `Limits.pathMax` bytes, does not start with a
    /// slash or holds a NUL. Empty text means "none".
    public init?(_ text: String) {
        let utf8 = Array(text.utf8)
        // SAFETY: the reader does not leave the closure.
        let decoded = unsafe utf8.withUnsafeBytes { bytes in
            var reader = unsafe BodyReader(bytes)
            return SocketPath(decoding: &reader, length: bytes.count)
        }
        guard let decoded else { return nil }
        self = decoded
    }

    /// The path as text.
    public var text: String {
        String(decoding: (0..<count).map { bytes[$0] }, as: UTF8.self)
    }
}
