import Reports
import Testing

@testable import dvpnctl

@Suite("What watch remembers")
struct WatchModelTests {
    @Test("rates are differences over time")
    func rates() {
        var model = WatchModel()
        model.take(look(100, 10, at: 5))
        #expect(model.rates.isEmpty && model.total == WatchModel.Rate())
        model.take(look(300, 10, at: 7))
        #expect(model.rates == ["home": WatchModel.Rate(bytesIn: 100, bytesOut: 0)])
        #expect(model.total == WatchModel.Rate(bytesIn: 100, bytesOut: 0))
        model.take(look(300, 10, at: 8))
        #expect(model.rates.isEmpty)
    }

    @Test("a count that begins anew, and a clock that stands, give none")
    func backwards() {
        var model = WatchModel()
        model.take(look(1_000, 1_000, at: 5))
        model.take(look(10, nil, at: 6))
        #expect(model.rates.isEmpty)
        model.take(look(1_000, 1_000, at: 6))
        #expect(model.rates.isEmpty)
    }

    @Test("a failure keeps what was seen, and the next look ends it")
    func failure() {
        var model = WatchModel()
        model.take(look(1, 1, at: 1))
        model.fail("no answer\nlook at its log\n")
        #expect(model.problem == "no answer" && model.look != nil)
        model.take(look(1, 1, at: 2))
        #expect(model.problem == nil)
    }

    private func look(_ bytesIn: UInt64?, _ bytesOut: UInt64?, at seconds: Double)
        -> WatchModel.Look
    {
        WatchSample.look(
            [WatchSample.network("home", .up, bytesIn: bytesIn, bytesOut: bytesOut)], at: seconds)
    }
}
