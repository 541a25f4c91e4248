/// What one line of a hosts file (hosts(5)) says of gateways:
/// `10.1.2.3 thursday.home.example thursday #!203.0.113.7:2222 bob`.
///
/// Behind `#!` stand the gateway of the network that the address is in, and perhaps the user there;
/// a further `#` begins a comment. Every other line is none of our business, whatever it says.
struct HostsLine {
    /// What is wrong, and with which of the line's words.
    struct Fault: Error {
        let word: Substring
        let message: String
        var hint: String?
    }

    let address: Substring
    let names: [Substring]
    let gateway: Substring
    let user: Substring?

    /// Nil where the line names no gateway.
    init?(_ line: Substring) throws(Fault) {
        let bytes = line.utf8
        guard let hash = bytes.firstIndex(of: UInt8(ascii: "#")),
            bytes[hash...].dropFirst().first == UInt8(ascii: "!")
        else { return nil }
        let behind = bytes[hash...].dropFirst(2).prefix { $0 != UInt8(ascii: "#") }
        let front = Self.words(bytes[..<hash])
        let back = Self.words(behind)
        let mark = line[hash...].prefix(2)
        guard let address = front.first else {
            throw Fault(
                word: mark, message: "no address stands in front of `#!`",
                hint: "write it like 10.1.2.3 thursday #!203.0.113.7")
        }
        guard let gateway = back.first else {
            throw Fault(
                word: mark, message: "no gateway stands behind `#!`",
                hint: "write it like #!203.0.113.7, #!vpn.example:2222 or #![2001:db8::1] user")
        }
        guard back.count <= 2 else {
            throw Fault(
                word: back[2], message: "\"\(back[2])\" is one word too many",
                hint: "behind `#!` stand a gateway and a user")
        }
        self.address = address
        names = Array(front.dropFirst())
        self.gateway = gateway
        user = back.count == 2 ? back[1] : nil
    }

    private static func words(_ bytes: Substring.UTF8View) -> [Substring] {
        var words: [Substring] = []
        var start: Substring.Index?
        for index in bytes.indices {
            let byte = bytes[index]
            if byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\t") && byte != 0x0D {
                if start == nil { start = index }
            } else if let begin = start {
                words.append(Substring(bytes[begin..<index]))
                start = nil
            }
        }
        if let start { words.append(Substring(bytes[start...])) }
        return words
    }
}
