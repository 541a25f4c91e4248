extension DeviceName {
    /// The name from text; nil where it is not one that the kernel takes. Empty text means "none".
    public init?(_ text: String) {
        let utf8 = Array(text.utf8)
        guard utf8.count < Limits.deviceNameLength else { return nil }
        let padded = utf8 + [UInt8](repeating: 0, count: Limits.deviceNameLength - utf8.count)
        // SAFETY: the reader does not leave the closure.
        let decoded = unsafe padded.withUnsafeBytes { bytes in
            var reader = unsafe BodyReader(bytes)
            return DeviceName(decoding: &reader)
        }
        // A NUL inside the text would cut it short.
        guard let decoded, decoded.count == utf8.count else { return nil }
        self = decoded
    }

    /// The name as text.
    public var text: String {
        String(decoding: (0..<count).map { bytes[$0] }, as: UTF8.self)
    }
}
