extension FarName {
    /// The name from text; nil where it is longer than `Limits.farNameMax` bytes or has a character
    /// that a host's name cannot have. Empty text means "none".
    public init?(_ text: String) {
        let utf8 = Array(text.utf8)
        // SAFETY: the reader does not leave the closure.
        let decoded = unsafe utf8.withUnsafeBytes { bytes in
            var reader = unsafe BodyReader(bytes)
            return FarName(decoding: &reader, length: bytes.count)
        }
        guard let decoded else { return nil }
        self = decoded
    }
}
