import Protocol
import Testing

/// The bytes on the wire, compared with bytes written by hand.
@Suite struct GoldenTests {
    @Test func everyKindHasASample() {
        let sampled = Set(Sample.all.map(\.message.kind))
        #expect(sampled == Set(Kind.allCases))
    }

    @Test(arguments: Sample.all)
    func encodesToTheGoldenBytes(_ sample: Sample) {
        #expect(sample.message.frame(requestID: sample.requestID) == sample.bytes)
    }

    @Test(arguments: Sample.all)
    func decodesFromTheGoldenBytes(_ sample: Sample) {
        let stream = Stream()
        let events = stream.feed(sample.bytes)
        #expect(events == [.decoded(.message(sample.message), requestID: sample.requestID)])
        #expect(stream.pending == 0)
    }

    /// The numbers are the contract, and the side that sends a kind is in its top bit.
    @Test func kindsHaveTheirNumbers() {
        let numbers = Kind.allCases.map(\.rawValue)
        let controlplane: [UInt16] = [
            1, 2, 3, 4, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 32, 33, 34, 35,
        ]
        let dataplane: [UInt16] = [1, 2, 16, 17, 18, 19, 20, 21, 22, 32, 33, 35]
        #expect(numbers == controlplane + dataplane.map { $0 + 0x8000 })
        for kind in Kind.allCases {
            #expect(kind.isFromDataplane == (kind.rawValue & 0x8000 != 0))
        }
    }

    /// `init(wire:)` is written by hand beside the raw values: it must agree with them everywhere.
    @Test func wireNumbersAgreeWithRawValues() {
        for number in UInt16.min...UInt16.max {
            if Kind(wire: number) != Kind(rawValue: number) {
                Issue.record("kind \(number)")
            }
        }
        for number in UInt8.min...UInt8.max {
            #expect(Family(wire: number) == Family(rawValue: number))
        }
    }
}
