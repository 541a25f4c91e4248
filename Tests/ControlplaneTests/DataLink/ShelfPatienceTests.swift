import Testing

@testable import controlplane

@Suite("Connections that wait for the next dataplane")
struct ShelfPatienceTests {
    /// What is seen at a time in seconds, and whether connections end then.
    typealias Look = (at: Int64, isEmpty: Bool, isOver: Bool)

    @Test(
        "They end when they have lain there for half a minute, and not before",
        arguments: [
            // Nothing was ever there, however long there is no link.
            [(0, true, false), (60, true, false), (600, true, false)],
            [(0, false, false), (29, false, false), (30, false, true), (35, false, true)],
            // A dataplane without a link ended after an hour, and another one came.
            [(3_600, true, false), (3_605, false, false), (3_610, true, false)],
            // Another dataplane's lie there from its end on.
            [
                (0, false, false), (25, false, false), (26, true, false), (27, false, false),
                (56, false, false), (57, false, true),
            ],
            // The machine slept.
            [(0, false, false), (9_000, false, true)],
        ] as [[Look]])
    func limit(looks: [Look]) {
        var patience = ShelfPatience()
        for look in looks {
            let isOver = patience.isOver(isEmpty: look.isEmpty, at: look.at * 1_000)
            #expect(isOver == look.isOver, "at \(look.at) s")
        }
    }

    @Test("Nobody there and somebody who refuses are told apart")
    func troubles() {
        #expect(
            LinkTrouble.nobody("Connection refused").text("/run/x")
                == "no dataplane at /run/x: Connection refused")
        #expect(
            LinkTrouble.refused("protocol 9").text("/run/x")
                == "the dataplane at /run/x is there, but cannot be linked: protocol 9")
    }
}
