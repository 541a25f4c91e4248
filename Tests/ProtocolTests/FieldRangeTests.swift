import Protocol
import Testing

/// Fields outside their range make the whole body malformed.
@Suite struct FieldRangeTests {
    /// A byte of a kind's sample body and the values that are allowed there.
    struct Case: Sendable, CustomTestStringConvertible {
        let kind: Kind
        let field: String
        let offset: Int
        let allowed: Set<UInt8>

        init(_ kind: Kind, _ field: String, at offset: Int, _ allowed: Set<UInt8>) {
            self.kind = kind
            self.field = field
            self.offset = offset
            self.allowed = allowed
        }

        var testDescription: String { "\(kind).\(field)" }
    }

    /// A device name may be any one byte that is not white space, ".", "/" or ":" (or none at all).
    private static let deviceNameStarts = Set(UInt8.min...UInt8.max)
        .subtracting([0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0x2e, 0x2f, 0x3a, 0xa0])

    /// A direction is done only once its source has ended and nothing is on the way.
    private static let doneFlags = Set<UInt8>((0..<32).filter { $0 & 2 == 0 || $0 & 1 != 0 })
    private static let levelFlags = Set<UInt8>((0..<32).filter { $0 & 2 == 0 })

    private static let cases: [Case] = [
        Case(.device, "queues", at: 0, Set(1...64)),
        Case(.networkChunk, "connector", at: 6, [1, 2, 3]),
        Case(.networkChunk, "mode", at: 7, [1, 2]),
        Case(.networkChunk, "holdMs top byte", at: 10, [0]),
        Case(.networkChunk, "device name start", at: 22, deviceNameStarts),
        Case(.networkChunk, "device name padding", at: 23, [0]),
        Case(.networkChunk, "device name end", at: 37, [0]),
        Case(.networkChunk, "filter top byte", at: 42, Set(0...4)),
        Case(.networkChunk, "reserved", at: 44, [0]),
        Case(.networkChunk, "reserved end", at: 45, [0]),
        Case(.networkChunk, "second device name end", at: 81, [0]),
        Case(.prefixChunk, "family", at: 2, [4, 6]),
        Case(.prefixChunk, "length", at: 3, Set(7...32)),
        Case(.prefixChunk, "reserved", at: 4, [0]),
        Case(.prefixChunk, "reserved end", at: 5, [0]),
        Case(.prefixChunk, "host bits", at: 11, [0]),
        Case(.prefixChunk, "behind an IPv4 address", at: 14, [0]),
        Case(.prefixChunk, "IPv6 host bits", at: 2 + 24 + 8 + 8, [0]),
        Case(.networkState, "state", at: 4, [4]),
        Case(.networkState, "cause", at: 5, [1, 2]),
        Case(.networkState, "reserved", at: 6, [0]),
        Case(.networkState, "reserved end", at: 7, [0]),
        Case(.endpoint, "action", at: 8, [1, 2]),
        Case(.endpoint, "kind", at: 9, [0]),
        Case(.endpoint, "path length", at: 11, [6]),
        Case(.endpoint, "path start", at: 16, [UInt8(ascii: "/")]),
        Case(.endpoint, "path inside", at: 18, Set(1...255)),
        Case(.forward, "action", at: 8, [1]),
        Case(.forward, "family", at: 9, [4, 6]),
        Case(.forward, "behind an IPv4 address", at: 16, [0]),
        Case(.forward, "name length", at: 28, [0]),
        Case(.rawSocket, "family", at: 0, [6]),
        Case(.rawSocket, "reserved", at: 1, [0]),
        Case(.rawSocket, "reserved end", at: 3, [0]),
        Case(.filterChunk, "filter top byte", at: 0, Set(0...3)),
        Case(.filterChunk, "filter", at: 1, Set(1...255)),
        Case(.filterChunk, "count", at: 3, [2]),
        Case(.filterChunk, "allowed", at: 4, [0, 1]),
        Case(.filterChunk, "reserved", at: 6, [0]),
        Case(.filterChunk, "reserved end", at: 7, [0]),
        Case(.filterChunk, "low", at: 9, Set(0...138)),
        Case(.filterChunk, "high", at: 11, Set(137...255)),
        Case(.reply, "reserved", at: 2, [0]),
        Case(.reply, "reserved end", at: 3, [0]),
        Case(.demand, "family", at: 4, [4, 6]),
        Case(.demand, "reserved", at: 10, [0]),
        Case(.demand, "reserved end", at: 11, [0]),
        Case(.demand, "behind an IPv4 source", at: 16, [0]),
        Case(.demand, "behind an IPv4 target", at: 43, [0]),
        Case(.connection, "family", at: 12, [6]),
        Case(.connection, "phase", at: 13, [1, 2, 3]),
        Case(.connection, "result", at: 14, Set(0...7)),
        Case(.connection, "reserved", at: 15, [0]),
        Case(.keptConnection, "family", at: 16, [4, 6]),
        Case(.keptConnection, "phase", at: 17, [1, 2]),
        Case(.keptConnection, "way", at: 18, [1, 2]),
        Case(.keptConnection, "kind", at: 19, [0]),
        Case(.keptConnection, "flags of an ended direction", at: 72, doneFlags),
        Case(.keptConnection, "flags of one with bytes on the way", at: 88, levelFlags),
        Case(.keptConnection, "reserved in a direction", at: 73, [0]),
        Case(.keptConnection, "reserved at its end", at: 75, [0]),
        Case(.keptConnection, "path length", at: 93, [6]),
        Case(.keptConnection, "reserved", at: 94, [0]),
        Case(.keptSYN, "length", at: 33, [4]),
        Case(.keptSYN, "reserved", at: 34, [0]),
        Case(.keptConnection, "reserved end", at: 95, [0]),
        Case(.statistics, "count", at: 1, [37]),
        Case(.dataplaneHello, "worker", at: 16, [0, 1, 2]),
        Case(.dataplaneHello, "workers", at: 17, Set(3...16)),
        Case(.dataplaneHello, "listening", at: 18, Set(0...3)),
    ]

    @Test(arguments: cases)
    func everyByteValue(_ range: Case) throws {
        let sample = try #require(Sample.all.first { $0.message.kind == range.kind })
        for value in UInt8.min...UInt8.max {
            var body = sample.body
            body[range.offset] = value
            let accepted = decode(range.kind, body) != .malformed(range.kind)
            #expect(accepted == range.allowed.contains(value), "\(value)")
        }
    }

    /// 0xffffffff stands for all networks, so it is no network's number.
    @Test func noNetworkIsCalledAll() throws {
        let offsets: [(Kind, Int)] = [
            (.networkChunk, 2), (.prefixChunk, 6), (.networkState, 0), (.endpoint, 0), (.demand, 0),
            (.activity, 0), (.capacity, 0), (.endpointFailed, 0), (.connection, 8),
            (.keptConnection, 12), (.keptSYN, 28),
        ]
        for (kind, offset) in offsets {
            let sample = try #require(Sample.all.first { $0.message.kind == kind })
            var body = sample.body
            body.replaceSubrange(offset..<offset + 4, with: [255, 255, 255, 255])
            #expect(decode(kind, body) == .malformed(kind))
            body[offset + 3] = 254
            #expect(decode(kind, body) != .malformed(kind))
        }
    }

    @Test func tableSizes() {
        func begin(_ networks: Int, _ prefixes: Int) -> Bool {
            let message = Message.tableBegin(
                TableBegin(
                    generation: 1, networks: UInt32(networks), prefixes: UInt32(prefixes)))
            let body = [UInt8](message.frame().dropFirst(Limits.headerLength))
            return decode(.tableBegin, body) == .message(message)
        }
        #expect(begin(0, 0))
        #expect(begin(Limits.networksMax, Limits.prefixesMax))
        #expect(!begin(Limits.networksMax + 1, 0))
        #expect(!begin(0, Limits.prefixesMax + 1))
        #expect(!begin(Int(UInt32.max), Int(UInt32.max)))
    }

    @Test func holdTimes() {
        func hold(_ milliseconds: UInt32) -> DecodedMessage {
            let settings = NetworkSettings(
                id: 1, connector: .socks, mode: .truthful, flags: [], holdMs: milliseconds,
                halfOpenMax: 1, connectionsMax: 1, device: DeviceName())
            let bytes = Message.networkChunk([settings]).frame()
            return decode(.networkChunk, [UInt8](bytes.dropFirst(Limits.headerLength)))
        }
        #expect(hold(Limits.holdMsMax) != .malformed(.networkChunk))
        #expect(hold(Limits.holdMsMax + 1) == .malformed(.networkChunk))
    }

    @Test func endpointsThatAreAddedCanCarryAConnection() {
        let bytes = hex("00000005 00000006 01 00 0002 00000000 2f61")
        #expect(decode(.endpoint, bytes) == .malformed(.endpoint))
        let removed = hex("00000005 00000006 02 00 0000 00000000")
        #expect(decode(.endpoint, removed) != .malformed(.endpoint))
    }

    /// A port in two bytes, never zero; the length says two.
    @Test func endpointsOnTheLoopbackAddress() {
        func body(_ length: String, _ port: String) -> [UInt8] {
            hex("00000005 00000006 01 01 \(length) 00000001 \(port)")
        }
        let update = EndpointUpdate(
            network: 5, endpoint: 6, action: .add, capacity: 1, socket: .loopback(port: 0x9c40))
        #expect(decode(.endpoint, body("0002", "9c40")) == .message(.endpoint(update)))
        for (length, port) in [
            ("0002", "0000"), ("0001", "9c"), ("0000", ""), ("0003", "9c4000"), ("0003", "9c40"),
            ("0002", "9c4000"), ("0002", "9c"),
        ] {
            #expect(decode(.endpoint, body(length, port)) == .malformed(.endpoint), "\(length)")
        }
    }

    @Test func filtersHaveBetweenOneAndThirtyTwoRules() {
        let rule = hex("01 06 0000 0000 ffff")
        for count in 0...40 {
            let rules = (0..<count).flatMap { _ in rule }
            let body = [0, 1] + bigEndian(UInt16(count)) + rules
            let isAccepted = decode(.filterChunk, body) != .malformed(.filterChunk)
            #expect(isAccepted == (1...32).contains(count), "\(count)")
        }
    }

    @Test func filterNumbers() {
        func number(_ number: UInt16) -> Bool {
            let body = bigEndian(number) + hex("0001 01 06 0000 0000 ffff")
            return decode(.filterChunk, body) != .malformed(.filterChunk)
        }
        #expect(!number(0) && number(1) && number(Limits.filtersMax))
        #expect(!number(Limits.filtersMax + 1))
    }

    @Test func pathsBeyondSunPath() {
        for length in [108, 109, 255, 256, 65_507, 65_535] {
            let path = [0x2f] + [UInt8](repeating: 0x78, count: length - 1)
            let head = hex("00000005 00000006 01 00") + bigEndian(UInt16(length)) + hex("00000001")
            #expect(decode(.endpoint, head + path) == .malformed(.endpoint), "\(length)")
        }
    }
}
