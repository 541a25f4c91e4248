import Protocol
import Testing

@testable import controlplane

@Suite("DNS messages")
struct DNSMessageTests {
    @Test("a query's parts")
    func query() throws {
        let bytes = DNSSamples.query("WWW.corp.example", udpBytes: 1232, ednsFlags: 0x8000)
        let message = try #require(DNSMessage(bytes))
        #expect(message.id == 0x1234 && message.isQuery && message.opcode == 0)
        #expect(message.question.name == DNSName("www.corp.example"))
        #expect(message.question.type == 1 && message.question.recordClass == 1)
        #expect(message.edns == .init(udpBytes: 1232, flags: 0x8000))
        #expect(!message.isTransfer && !message.isTruncated)
        #expect(Array(message.bytes(id: 0xABCD).prefix(4)) == [0xAB, 0xCD, 1, 0])
    }

    @Test("no message that is cut short anywhere is one")
    func cuts() {
        let query = DNSSamples.query("www.corp.example", udpBytes: 1232)
        let answer = DNSSamples.answer(DNSSamples.query("www.corp.example"), records: 2)
        for whole in [query, answer] {
            #expect(DNSMessage(whole) != nil)
            for count in 0..<whole.count { #expect(DNSMessage(Array(whole.prefix(count))) == nil) }
        }
    }

    @Test("a name is known by the addresses that it led to")
    func answeredNames() throws {
        let query = DNSSamples.query("git.corp.example")
        // An alias, an address of either family, and a TXT record.
        let records: [[UInt8]] = [
            DNSSamples.words([0xC00C, 5, 1, 0, 60, 2, 0xC00C]),
            DNSSamples.words([0xC00C, 1, 1, 0, 60, 4, 0x0A42, 0x000A]),
            DNSSamples.words([0xC00C, 28, 1, 0, 60, 16, 0xFD00, 0x66, 0, 0, 0, 0, 0, 0x10]),
            DNSSamples.words([0xC00C, 16, 1, 0, 60, 4, 0x0361, 0x6161]),
        ]
        let bytes =
            query[0..<2] + DNSSamples.words([0x8180, 1, 4, 0, 0]) + query[12...]
            + records.joined()
        let answer = try #require(DNSMessage(Array(bytes)))
        let (four, six) = (
            Address(ipv4: 0x0A42_000A), Address(high: 0xFD00_0066_0000_0000, low: 0x10)
        )
        #expect(answer.addresses == [four, six])
        var names = AnsweredNames()
        names.note(answer)
        #expect(names.name(of: four) == "git.corp.example")
        #expect(names.name(of: six) == "git.corp.example")
        #expect(names.name(of: Address(ipv4: 1)) == nil)
        let demand = Demand(
            network: 1, ipProtocol: 6,
            source: Endpoint(family: .ipv6, address: six, port: 40_000),
            target: Endpoint(family: .ipv6, address: six, port: 22), parked: 1)
        #expect(
            DemandText.wish(demand, names.name(of: six))
                == "fd00:66::10 wants git.corp.example:22")
        #expect(DemandText.wish(demand, nil) == "fd00:66::10 wants [fd00:66::10]:22")
    }

    static let oddities: [(String, [UInt8], Bool)] = [
        ("no question", DNSSamples.words([1, 0, 0, 0, 0, 0]), false),
        (
            "two questions",
            DNSSamples.words([1, 0, 2, 0, 0, 0]) + [0, 0, 1, 0, 1, 0, 0, 1, 0, 1], false
        ),
        ("the root's name", DNSSamples.words([1, 0, 1, 0, 0, 0]) + [0, 0, 1, 0, 1], true),
        (
            "a question that points at itself",
            DNSSamples.words([1, 0, 1, 0, 0, 0]) + [0xC0, 12, 0, 1, 0, 1], false
        ),
        (
            "a record whose name points at itself",
            DNSSamples.words([1, 0x8000, 1, 1, 0, 0]) + [0, 0, 1, 0, 1]
                + [0xC0, 17] + DNSSamples.words([1, 1, 0, 0, 0]), true
        ),
        (
            "two names that point at each other",
            DNSSamples.words([1, 0x8000, 1, 2, 0, 0]) + [0, 0, 1, 0, 1]
                + [0xC0, 29] + DNSSamples.words([1, 1, 0, 0, 0])
                + [0xC0, 17] + DNSSamples.words([1, 1, 0, 0, 0]), true
        ),
        (
            "65,535 records in no bytes",
            DNSSamples.words([1, 0, 1, 0xFFFF, 0xFFFF, 0xFFFF]) + [0, 0, 1, 0, 1], false
        ),
        (
            "data beyond the end",
            DNSSamples.words([1, 0x8000, 1, 1, 0, 0]) + [0, 0, 1, 0, 1]
                + [0] + DNSSamples.words([1, 1, 0, 0, 0xFFFF]), false
        ),
        (
            "OPT among the answers is no EDNS",
            DNSSamples.words([1, 0x8000, 1, 1, 0, 0]) + [0, 0, 1, 0, 1]
                + [0] + DNSSamples.words([41, 4096, 0, 0, 0]), true
        ),
    ]

    @Test("oddities", arguments: oddities)
    func oddity(_ name: String, _ bytes: [UInt8], _ isMessage: Bool) {
        #expect((DNSMessage(bytes) != nil) == isMessage)
        #expect(DNSMessage(bytes)?.edns == nil)
    }

    @Test("a failure repeats the question and answers EDNS with EDNS")
    func failure() throws {
        let query = try #require(
            DNSMessage(DNSSamples.query("www.corp.example", udpBytes: 512, flags: 0x0110)))
        let bytes = DNSReply.failure(query, .serverFailure)
        let reply = try #require(DNSMessage(bytes))
        #expect(reply.id == query.id && !reply.isQuery && reply.responseCode == 2)
        // Recursion desired and checking disabled are given back; recursion is available.
        #expect(reply.flags == 0x8192)
        #expect(reply.question == query.question)
        #expect(reply.edns == .init(udpBytes: 1232, flags: 0))
        let plain = try #require(DNSMessage(DNSSamples.query("a.example")))
        #expect(DNSMessage(DNSReply.failure(plain, .refused))?.edns == nil)
    }

    @Test(
        "an answer that does not fit is cut to its question",
        arguments: [
            (nil, 2, true), (nil, 3, false), (100, 2, true), (1232, 5, true), (1232, 6, false),
            (65535, 19, true), (65535, 20, false),
        ] as [(UInt16?, Int, Bool)])
    func size(_ udpBytes: UInt16?, _ records: Int, _ fits: Bool) throws {
        let query = try #require(
            DNSMessage(DNSSamples.query("a.example", type: 16, id: 7, udpBytes: udpBytes)))
        let answer = try #require(
            DNSMessage(
                DNSSamples.answer(
                    DNSSamples.query("a.example", type: 16, id: 9), records: records)))
        let reply = try #require(DNSMessage(DNSReply.datagram(answer, to: query)))
        #expect(reply.id == 7 && reply.question == query.question)
        #expect(reply.isTruncated == !fits)
        #expect(reply.bytes.count == answer.bytes.count || reply.bytes.count < 64)
        #expect((reply.bytes.count == answer.bytes.count) == fits)
    }

    @Test("a pinned address")
    func address() throws {
        let query = try #require(DNSMessage(DNSSamples.query("vpn.corp.example")))
        let (address, family) = try #require(Address.parse("203.0.113.7"))
        let bytes = DNSReply.address(address, family, to: query)
        #expect(DNSMessage(bytes)?.responseCode == 0)
        #expect(
            Array(bytes.suffix(16)) == [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 7])
        // Asked for the other family's: there is none, which is no failure.
        let (six, family6) = try #require(Address.parse("2001:db8::7"))
        let none = try #require(DNSMessage(DNSReply.address(six, family6, to: query)))
        #expect(none.responseCode == 0 && none.bytes.count == query.bytes.count)
    }
}
