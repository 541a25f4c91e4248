import CLinux
import Glibc
import Testing

@testable import dataplane

@Suite("The relay")
struct RelayTests {
    @Test("A direction delivers everything before it ends its target")
    func direction() {
        var direction = Direction()
        #expect(direction.step == .wait, "nothing was said to be there")
        direction.isReadable = true
        #expect(direction.step == .copy)
        direction.read(Direction.copyMax)
        direction.copied(Direction.copyMax)
        #expect(direction.step == .fill, "a full buffer is bulk")
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
        #expect(direction.step == .done && direction.isDone)
        #expect(direction.total == UInt64(Direction.copyMax) + 100)
    }

    @Test("A source without bytes is not asked again before an event")
    func blocked() {
        var direction = Direction()
        direction.isReadable = true
        direction.fillBlocked()
        #expect(direction.step == .wait)
        direction.isReadable = true
        direction.read(10)
        direction.copied(10)
        #expect(direction.step == .wait, "a short read left nothing")
        direction.isReadable = true
        #expect(direction.step == .copy)
    }

    @Test("Nothing is read that the target has no room for")
    func backpressure() {
        var direction = Direction()
        direction.isReadable = true
        direction.drainBlocked()
        #expect(direction.step == .wait)
        direction.isWritable = true
        #expect(direction.step == .copy)
    }

    @Test("A short read is the last where the end has arrived, and is none at urgent data")
    func end() {
        var last = Direction()
        last.isReadable = true
        last.isLeaving = true
        last.read(10)
        last.copied(10)
        #expect(last.step == .finish)

        var full = Direction()
        full.isReadable = true
        full.isLeaving = true
        full.read(Direction.copyMax)
        full.copied(Direction.copyMax)
        #expect(full.step == .fill, "the buffer was full: there may be more")

        var urgent = Direction()
        urgent.isReadable = true
        urgent.isUrgent = true
        urgent.isLeaving = true
        urgent.read(10)
        urgent.copied(10)
        #expect(urgent.step == .copy, "a read stops at the mark")
    }

    @Test("A Unix socket that was closed is told from one that was shut down")
    func closed() {
        var pair: [Int32] = [-1, -1]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
        #expect(dp_is_closed(pair[0]) == 0)
        shutdown(pair[1], Int32(SHUT_WR))
        #expect(dp_is_closed(pair[0]) == 0, "its end was passed on")
        close(pair[1])
        #expect(dp_is_closed(pair[0]) == 1)
        close(pair[0])
    }

    @Test("Lent pipes come back, and one with bytes in it comes back empty")
    func pipes() {
        var pool = PipePool(count: 2)
        #expect(pool.count == 0, "none is made before it is needed")
        let first = pool.lend()
        let second = pool.lend()
        check(first != 0 && second != 0 && pool.lend() == 0)
        check(pool.used == 2 && pool.usedLarge == 2)
        var bytes: [UInt8] = [1, 2, 3]
        #expect(dp_write(pool.slots[first].write, &bytes, 3) == 3)
        pool.take(back: first, level: 3)
        #expect(pool.used == 1 && pool.usedLarge == 1)
        let again = pool.lend()
        #expect(again == first)
        #expect(dp_read(pool.slots[again].read, &bytes, 3) == Int(DP_EAGAIN.rawValue))
    }

    @Test("Large pipes are lent first, and again first once they are back")
    func sizes() {
        var pool = PipePool(count: PipePool.largeMax + 2)
        var lent: [UInt32] = []
        for _ in 0..<PipePool.largeMax + 2 { lent.append(pool.lend()) }
        check(pool.lend() == 0)
        let large = lent.map { pool.slots[$0].isLarge }
        let wanted = Array(repeating: true, count: PipePool.largeMax) + [false, false]
        #expect(large == wanted)
        #expect(pool.usedLarge == PipePool.largeMax && pool.used == lent.count)
        for slot in lent { pool.take(back: slot, level: 0) }
        check(pool.slots[pool.lend()].isLarge)
        for slot in lent {
            close(pool.slots[slot].read)
            close(pool.slots[slot].write)
        }
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
