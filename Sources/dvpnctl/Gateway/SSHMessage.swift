/// The messages of ssh's connection protocol (RFC 4254) that a probe says and hears. Pure.
///
/// Channel numbers of what is sent are the gateway's, of what is heard ours.
enum SSHMessage: Equatable, Sendable {
    /// `sender` is our number; `extra` is what the kind of channel needs (section 5.1).
    case open(kind: String, sender: UInt32, extra: [UInt8])
    case opened(channel: UInt32, peer: UInt32)
    /// The reason's code (1: prohibited, 2: connect failed) and the gateway's words.
    case openFailed(channel: UInt32, code: UInt32, words: String)
    case request(channel: UInt32, name: String, wantsReply: Bool, extra: [UInt8])
    case success(channel: UInt32)
    case failure(channel: UInt32)
    case data(channel: UInt32, [UInt8])
    /// Standard error, as a rule.
    case extendedData(channel: UInt32, [UInt8])
    case end(channel: UInt32)
    case close(channel: UInt32)
    /// One that a probe need not understand.
    case other(UInt8)

    /// What may come in before an answer has been read: far more than any probe hears.
    static let window: UInt32 = 1 << 20

    /// The message as a multiplexing master takes it, after the length: a padding of none, the
    /// number, the fields.
    var bytes: [UInt8] {
        var writer = SSHWriter()
        writer.byte(0)
        switch self {
        case .open(let kind, let sender, let extra):
            writer.byte(90)
            writer.string(kind)
            writer.number(sender)
            writer.number(Self.window)
            writer.number(32_768)
            writer.bytes += extra
        case .request(let channel, let name, let wantsReply, let extra):
            writer.byte(98)
            writer.number(channel)
            writer.string(name)
            writer.byte(wantsReply ? 1 : 0)
            writer.bytes += extra
        case .data(let channel, let data):
            writer.byte(94)
            writer.number(channel)
            writer.string(data)
        case .end(let channel):
            writer.byte(96)
            writer.number(channel)
        case .close(let channel):
            writer.byte(97)
            writer.number(channel)
        case .opened, .openFailed, .success, .failure, .extendedData, .other:
            preconditionFailure("a probe never says \(self)")
        }
        return writer.bytes
    }

    /// Reads what a master passed on; nil for what is cut short.
    init?(_ bytes: [UInt8]) {
        var reader = SSHReader(bytes[...])
        guard reader.byte() != nil, let number = reader.byte() else { return nil }
        guard (91...100).contains(number) else {
            self = .other(number)
            return
        }
        guard let channel = reader.number() else { return nil }
        switch number {
        case 91:
            guard let peer = reader.number() else { return nil }
            self = .opened(channel: channel, peer: peer)
        case 92:
            guard let code = reader.number(), let words = reader.string() else { return nil }
            self = .openFailed(
                channel: channel, code: code, words: String(decoding: words, as: UTF8.self))
        case 94:
            guard let data = reader.string() else { return nil }
            self = .data(channel: channel, data)
        case 95:
            guard reader.number() != nil, let data = reader.string() else { return nil }
            self = .extendedData(channel: channel, data)
        case 96: self = .end(channel: channel)
        case 97: self = .close(channel: channel)
        case 98:
            guard let name = reader.string(), let wantsReply = reader.byte() else { return nil }
            self = .request(
                channel: channel, name: String(decoding: name, as: UTF8.self),
                wantsReply: wantsReply != 0, extra: Array(reader.rest))
        case 99: self = .success(channel: channel)
        case 100: self = .failure(channel: channel)
        default: self = .other(number)
        }
    }
}

/// Fields of RFC 4251 section 5.
struct SSHWriter {
    var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func number(_ value: UInt32) {
        for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(value >> shift & 0xff)) }
    }

    mutating func string(_ value: [UInt8]) {
        number(UInt32(value.count))
        bytes += value
    }

    mutating func string(_ value: String) { string(Array(value.utf8)) }
}

/// The same, read; nil where they are cut short.
struct SSHReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func byte() -> UInt8? { rest.popFirst() }

    mutating func number() -> UInt32? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func string() -> [UInt8]? {
        guard let count = number(), count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(Int(count)) }
        return Array(rest.prefix(Int(count)))
    }
}
