import Protocol
import Testing

/// One message of each kind with the bytes of its frame, written by hand from the layout.
struct Sample: Sendable, CustomTestStringConvertible {
    let message: Message
    let requestID: UInt32
    let bytes: [UInt8]

    init(_ message: Message, requestID: UInt32 = 0, _ text: String) {
        self.message = message
        self.requestID = requestID
        bytes = hex(text)
    }

    var testDescription: String { "\(message.kind)" }

    var body: [UInt8] { [UInt8](bytes.dropFirst(Limits.headerLength)) }

    static let all: [Sample] = fromControlplane + fromDataplane

    static let client = Endpoint(
        family: .ipv4, address: Address(ipv4: 0xc0a8_0102), port: 40_000)
    static let server = Endpoint(family: .ipv4, address: Address(ipv4: 0x0a01_0203), port: 443)
    static let client6 = Endpoint(
        family: .ipv6, address: Address(high: 0xfd00_0000_0000_0001, low: 2), port: 40_000)
    static let server6 = Endpoint(
        family: .ipv6, address: Address(high: 0xfd00_0000_0000_0003, low: 4), port: 22)

    private static let fromControlplane: [Sample] = [
        Sample(
            .hello(Hello(major: 1, minor: 2, features: 0x8000_0000_0000_0005)), requestID: 7,
            "00000014 0001 0000 00000007 0001 0002 8000000000000005"),
        Sample(.device(Device(queues: 2)), requestID: 8, "00000009 0002 0000 00000008 02"),
        Sample(
            .tableBegin(TableBegin(generation: 0x0102_0304_0506_0708, networks: 3, prefixes: 4)),
            "00000018 0010 0000 00000000 0102030405060708 00000003 00000004"),
        Sample(
            .networkChunk([
                NetworkSettings(
                    id: 1, connector: .socks, mode: .truthful, flags: [], holdMs: 30_000,
                    halfOpenMax: 256, connectionsMax: 900, device: DeviceName(),
                    halfOpenPerSourceMax: 6_144),
                NetworkSettings(
                    id: 2, connector: .direct, mode: .eager, flags: other(0x0102), holdMs: 0,
                    halfOpenMax: 0, connectionsMax: 0, device: name("tun0"), filter: 1_024),
            ]),
            """
            00000062 0011 0000 00000000 0002
            00000001 02 01 0000 00007530 00000100 00000384 00000000000000000000000000000000 00001800
            0000 0000
            00000002 01 02 0102 00000000 00000000 00000000 74756e30000000000000000000000000 00000000
            0400 0000
            """),
        Sample(
            .prefixChunk([
                PrefixEntry(
                    prefix: Prefix(family: .ipv4, length: 8, address: Address(ipv4: 0x0a00_0000)),
                    network: 1),
                PrefixEntry(
                    prefix: Prefix(
                        family: .ipv6, length: 64,
                        address: Address(high: 0xfd00_0000_0000_0003, low: 0)), network: 2),
            ]),
            """
            0000003a 0012 0000 00000000 0002
            04 08 0000 00000001 0a000000000000000000000000000000
            06 40 0000 00000002 fd000000000000030000000000000000
            """),
        Sample(
            .tableCommit(TableCommit(generation: 0x0102_0304_0506_0708)), requestID: 9,
            "00000010 0013 0000 00000009 0102030405060708"),
        Sample(
            .networkState(NetworkState(network: 5, state: .refusing, cause: .reset)),
            "00000010 0014 0000 00000000 00000005 04 02 0000"),
        Sample(
            .endpoint(
                EndpointUpdate(
                    network: 5, endpoint: 6, action: .add, capacity: 900,
                    socket: .path(path("/run/a")))),
            requestID: 10,
            "0000001e 0015 0000 0000000a 00000005 00000006 01 00 0006 00000384 2f72756e2f61"),
        Sample(
            .tunnelLost(TunnelLost(network: 5)), requestID: 16,
            "0000000c 0017 0000 00000010 00000005"),
        Sample(
            .forward(
                ForwardUpdate(
                    forward: 0x0102_0304, network: 5, action: .add, target: server, name: FarName())
            ),
            requestID: 17,
            """
            00000025 0018 0000 00000011 01020304 00000005 01 04 01bb
            0a010203000000000000000000000000 00
            """),
        Sample(
            .tablePatch(
                TablePatch(
                    generation: 0x0102_0304_0506_0709, base: 0x0102_0304_0506_0708,
                    networks: 1, prefixes: 2)),
            "00000020 0019 0000 00000000 0102030405060709 0102030405060708 00000001 00000002"),
        Sample(
            .ping(Ping(cookie: 0xfeed)), requestID: 11,
            "00000010 0020 0000 0000000b 000000000000feed"),
        Sample(
            .listConnections(ListConnections(network: Limits.networkAll, cursor: 4)), requestID: 12,
            "00000010 0021 0000 0000000c ffffffff 00000004"),
        Sample(
            .kill(Kill(connection: 0x0100_0000_0000_0002)), requestID: 13,
            "00000010 0022 0000 0000000d 0100000000000002"),
        Sample(
            .statisticsRequest(StatisticsRequest()), requestID: 14, "00000008 0023 0000 0000000e"),
        Sample(.rawSocket(RawSocket()), requestID: 15, "0000000c 0003 0000 0000000f 06 00 0000"),
        Sample(.shelf(Shelf()), requestID: 17, "00000008 0004 0000 00000011"),
        Sample(
            .filterChunk(
                FilterChunk(
                    filter: 2,
                    rules: rules([
                        PacketRule(isAllowed: false, ipProtocol: 17, low: 137, high: 138),
                        PacketRule(isAllowed: true, ipProtocol: 0),
                    ]))),
            "0000001c 0016 0000 00000000 0002 0002 00 11 0000 0089 008a 01 00 0000 0000 ffff"),
    ]

    private static let fromDataplane: [Sample] = [
        Sample(
            .dataplaneHello(
                DataplaneHello(
                    major: 1, minor: 4, features: 1, pid: 4_711, worker: 2, workers: 3,
                    listening: FamilySet(ipv4: true, ipv6: false))),
            requestID: 7, "0000001b 8001 0000 00000007 0001 0004 0000000000000001 00001267 02 03 01"
        ),
        Sample(
            .reply(Reply(status: .tableInvalid, value: 9)), requestID: 9,
            "00000014 8002 0000 00000009 0005 0000 0000000000000009"),
        Sample(
            .demand(
                Demand(network: 5, ipProtocol: 6, source: client, target: server, parked: 1)),
            """
            00000038 8010 0000 00000000 00000005 04 06 9c40 01bb 0000
            c0a80102000000000000000000000000 0a010203000000000000000000000000 00000001
            """),
        Sample(
            .activity(Activity(network: 5, open: 1, opening: 2, parked: 3)),
            "00000018 8011 0000 00000000 00000005 00000001 00000002 00000003"),
        Sample(
            .capacity(Capacity(network: 5, queued: 17)),
            "00000010 8012 0000 00000000 00000005 00000011"),
        Sample(
            .endpointFailed(EndpointFailed(network: 5, endpoint: 6, errno: 111)),
            "00000014 8013 0000 00000000 00000005 00000006 0000006f"),
        Sample(
            .connection(
                ConnectionRecord(
                    id: 99, network: 5, phase: .closed, result: .timedOut, source: client6,
                    target: server6, connectMicros: 1_500, ageMillis: 2, bytesIn: 3, bytesOut: 4)),
            """
            00000058 8014 0000 00000000 0000000000000063 00000005 06 02 05 00
            fd000000000000010000000000000002 9c40 fd000000000000030000000000000004 0016
            000005dc 0000000000000002 0000000000000003 0000000000000004
            """),
        Sample(
            .keptConnection(
                KeptConnection(
                    phase: .relayed, network: 5, source: client, target: server,
                    openedAt: 0x0102_0304_0506_0708, connectMicros: 1_500,
                    out: KeptDirection(total: 7, hasEnded: true, isDone: true, isPrompt: true),
                    back: KeptDirection(total: 8, level: 9, isBulk: true, isUrgent: true),
                    way: .offered, endpoint: 6, socket: .path(path("/run/a")))),
            """
            0000006e 8015 0000 00000000 0102030405060708 000005dc 00000005 04 01 01 00 00000006
            c0a80102000000000000000000000000 9c40 0a010203000000000000000000000000 01bb
            0000000000000007 00000000 13 00 0000 0000000000000008 00000009 0c 00 0000
            0006 0000 2f72756e2f61
            """),
        Sample(
            .keptSYN(
                KeptSYN(
                    network: 5, firstSeen: 1, lastSeen: 2, clockHertz: 3, firstTimestamp: 4,
                    copying: [0x45, 0, 0, 0x3c] as [UInt8], count: 4)),
            """
            00000030 8016 0000 00000000 0000000000000001 0000000000000002 0000000000000003 00000004
            00000005 0004 0000 4500003c
            """),
        Sample(
            .pong(Pong(cookie: 0xfeed)), requestID: 11,
            "00000010 8020 0000 0000000b 000000000000feed"),
        Sample(
            .listEnd(ListEnd(nextCursor: 0)), requestID: 12, "0000000c 8021 0000 0000000c 00000000"
        ),
        Sample(.statistics(statistics), requestID: 14, statisticsText),
    ]

    /// Each counter is its place plus one.
    private static var statistics: Statistics {
        var statistics = Statistics()
        for counter in Counter.allCases {
            statistics[counter] = UInt64(counter.rawValue + 1)
        }
        return statistics
    }

    private static var statisticsText: String {
        let values = """
            01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b
            1c 1d 1e 1f 20 21 22 23 24 25
            """
        let words = values.split { " \n".contains($0) }.map { "00000000000000" + $0 }
        return "00000132 8023 0000 0000000e 0025 " + words.joined(separator: " ")
    }

    /// Flags, some of them without a name.
    static func other(_ bits: UInt16) -> NetworkSettings.Flags {
        NetworkSettings.Flags(rawValue: bits)
    }

    /// Rules known to be few enough.
    static func rules(_ list: [PacketRule]) -> PacketRules {
        guard let rules = PacketRules(list) else { preconditionFailure("too many rules") }
        return rules
    }

    /// A name known to be good.
    static func name(_ text: String) -> DeviceName {
        guard let name = DeviceName(text) else { preconditionFailure("\(text) is not a name") }
        return name
    }

    /// A path known to be good.
    static func path(_ text: String) -> SocketPath {
        guard let path = SocketPath(text) else { preconditionFailure("\(text) is not a path") }
        return path
    }
}
