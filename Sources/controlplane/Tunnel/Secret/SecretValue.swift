/// A secret in memory. It has bytes and no words: nothing prints it by accident.
struct SecretValue: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// A person's answer, or a file's content: a line break at its end is none of the secret's.
    init(line: [UInt8]) {
        var bytes = line[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        self.bytes = Array(bytes)
    }

    var description: String { "(a secret)" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
