/// What is told to a unit that is to become a client: a launch as bytes, whose files travel beside
/// them. Pure.
struct LaunchOrder: Equatable, Sendable {
    /// No launch is longer, in bytes.
    static let bytesMax = 1 << 20

    var executable: String
    var arguments: [String]
    var environment: [String]
    var fileBytesMax: UInt64?
    var hasInput: Bool
    var hasOutput: Bool

    /// Texts that end with a zero byte, which none of them can have: execve(2).
    var bytes: [UInt8] {
        let texts =
            [
                executable, String(fileBytesMax ?? 0), hasInput ? "1" : "0", hasOutput ? "1" : "0",
                String(arguments.count),
            ] + arguments + environment
        return texts.flatMap { Array($0.utf8) + [0] }
    }

    /// The length as four bytes, the lowest first, then `bytes`.
    var frame: [UInt8] {
        let bytes = bytes
        let length = UInt32(bytes.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + bytes
    }

    /// What follows a frame's first four bytes; nil where it is too long.
    static func length(_ head: [UInt8]) -> Int? {
        let length = head.prefix(4).enumerated().reduce(0) { sum, byte in
            sum | Int(byte.element) << (8 * byte.offset)
        }
        return length > 0 && length <= bytesMax ? length : nil
    }

    /// nil for what `bytes` never gives.
    init?(_ bytes: [UInt8]) {
        guard bytes.last == 0 else { return nil }
        let texts = bytes.dropLast().split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard texts.count >= 5, let limit = UInt64(texts[1]), let count = Int(texts[4]),
            count >= 0, count <= texts.count - 5
        else { return nil }
        executable = texts[0]
        fileBytesMax = limit == 0 ? nil : limit
        hasInput = texts[2] == "1"
        hasOutput = texts[3] == "1"
        arguments = Array(texts[5..<(5 + count)])
        environment = Array(texts[(5 + count)...])
    }

    init(_ launch: ProcessLaunch) {
        executable = launch.executable
        arguments = launch.arguments
        environment = launch.environment
        fileBytesMax = launch.fileBytesMax
        hasInput = launch.input != nil
        hasOutput = launch.output != nil
    }
}
