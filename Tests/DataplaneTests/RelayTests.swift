import CLinux
import Testing

@testable import dataplane

@Suite("The relay")
struct RelayTests {
    @Test("A direction delivers everything before it ends its target")
    func direction() {
        var direction = Direction()
        #expect(direction.step == .fill)
        direction.filled(100)
        #expect(direction.step == .drain)
        direction.drained(60)
        #expect(direction.step == .drain)
        direction.drainBlocked()
        #expect(direction.step == .wait)
        direction.ended()
        #expect(direction.step == .wait, "40 bytes are still in the pipe")
        direction.isWritable = true
        #expect(direction.step == .drain)
        direction.drained(40)
        #expect(direction.step == .finish)
        direction.finished()
        #expect(direction.step == .done && direction.isDone && direction.total == 100)
    }

    @Test("A source without bytes is not asked again before an event")
    func blocked() {
        var direction = Direction()
        direction.fillBlocked()
        #expect(direction.step == .wait)
        direction.isReadable = true
        #expect(direction.step == .fill)
    }

    @Test("Lent pipes come back, and one with bytes in it comes back empty")
    func pipes() {
        var pool = PipePool(count: 2)
        #expect(pool.count == 2)
        let first = pool.lend()
        let second = pool.lend()
        check(first != 0 && second != 0 && pool.lend() == 0 && pool.used == 2)
        var bytes: [UInt8] = [1, 2, 3]
        #expect(dp_write(pool.slots[first].write, &bytes, 3) == 3)
        pool.take(back: first, level: 3)
        #expect(pool.used == 1)
        let again = pool.lend()
        #expect(again == first)
        #expect(dp_read(pool.slots[again].read, &bytes, 3) == Int(DP_EAGAIN.rawValue))
    }

    @Test("A slot freed while it waits for its turn is reused only after it")
    func ready() {
        var table = ConnectionTable(capacity: 2)
        let first = table.take()
        let second = table.take()
        check(table.take() == 0)
        table.markReady(first)
        table.markReady(second)
        table.markReady(first)
        table.free(first)
        check(table.take() == 0)
        check(table.takeReady() == first)
        #expect(!table.slots[first].isUsed)
        check(table.take() == first)
        #expect(table.slots[first].generation == 2)
        check(table.takeReady() == second && table.takeReady() == 0 && !table.hasReady)
    }
}
