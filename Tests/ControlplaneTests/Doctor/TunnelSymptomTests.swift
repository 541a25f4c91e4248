import Protocol
import Testing

@testable import controlplane

@Suite struct TunnelSymptomTests {
    @Test(arguments: [
        ("administratively prohibited: open failed", true), ("Connection refused", false),
        ("Name or service not known", false),
    ])
    func `what a gateway would not do is told from what it could not`(reason: String, isOne: Bool) {
        #expect((TunnelSymptom(refusal: reason) != nil) == isOne)
    }

    @Test(arguments: [
        (17, 123, "udp/123"), (6, 139, "tcp/139"), (2, 0, "igmp"), (58, 135, "icmp6/135"),
        (17, 53, nil), (6, 22, nil), (1, 0, nil),
    ])
    func `noise is what the default filter does not count`(
        ipProtocol: UInt8, port: UInt16, word: String?
    ) throws {
        let flow = try Self.flow(ipProtocol, port)
        let symptom = TunnelSymptom(keptUpBy: flow)
        guard let word else {
            #expect(symptom == nil)
            return
        }
        #expect(symptom == .keptUpByNoise(flow: DemandText.ends(flow), word: word))
        #expect(symptom?.fix("work").contains("\"!\(word)\"") == true)
    }

    @Test(arguments: [
        (UInt64?.some(0), UInt64?.some(0), true), (nil, 0, true), (5, 5, false), (0, 1, false),
        (nil, 3, false), (5, 0, false), (0, nil, false),
    ])
    func `a silent target behind a tunnel that has carried something is not the tunnel's fault`(
        before: UInt64?, after: UInt64?, isSilent: Bool
    ) {
        let expected: TunnelSymptom? = isSilent ? .silent : nil
        #expect(TunnelSymptom(receivedBefore: before, after: after) == expected)
    }

    @Test func `nobody's answer is a suspicion, and names the way to be sure`() {
        let symptom = TunnelSymptom.unanswered(seconds: 12)
        #expect(symptom.code == "tunnel-unanswered" && !symptom.isObstacle)
        #expect(symptom.text.contains("for 12 s"))
        #expect(symptom.fix("home").hasSuffix("dvpnctl down home, then dvpnctl up home"))
    }

    private static func flow(_ ipProtocol: UInt8, _ port: UInt16) throws -> Flow {
        let source = try #require(Address.parse("192.168.77.10"))
        let target = try #require(Address.parse("10.66.0.10"))
        return Flow(
            source: .init(family: source.family, address: source.address, port: 40_000),
            target: .init(family: target.family, address: target.address, port: port),
            ipProtocol: ipProtocol, ageMs: 0)
    }
}
