import Protocol
import Testing

/// A check behind a reference, because an expectation cannot change a value.
private final class Checker {
    private var check = TableCheck()

    var isOpen: Bool { check.isOpen }

    func start(_ begin: TableBegin) { check.start(begin) }
    func start(_ patch: TablePatch) { check.start(patch) }
    func accept(_ network: NetworkSettings) -> Bool { check.accept(network) }
    func accept(_ chunk: FilterChunk) -> Bool { check.accept(chunk) }
    func accept(_ entry: PrefixEntry) -> Bool { check.accept(entry) }
    func finish(_ commit: TableCommit) -> Bool { check.finish(commit) }
    func drop() { check.drop() }
}

/// The order of a table's parts.
@Suite struct TableCheckTests {
    private func network(_ id: UInt32, filter: UInt16 = 0) -> NetworkSettings {
        NetworkSettings(
            id: id, connector: .socks, mode: .truthful, flags: [], holdMs: 1, halfOpenMax: 1,
            connectionsMax: 1, device: DeviceName(), filter: filter)
    }

    private func filter(_ number: UInt16) -> FilterChunk {
        let any = PacketRule(isAllowed: true, ipProtocol: 0)
        return FilterChunk(filter: number, rules: Sample.rules([any]))
    }

    private func prefix(_ address: UInt32, _ length: UInt8 = 32) -> PrefixEntry {
        PrefixEntry(
            prefix: Prefix(family: .ipv4, length: length, address: Address(ipv4: address)),
            network: 1)
    }

    private func started(_ networks: UInt32, _ prefixes: UInt32) -> Checker {
        let check = Checker()
        check.start(TableBegin(generation: 7, networks: networks, prefixes: prefixes))
        return check
    }

    @Test func aWholeTable() {
        let check = started(2, 2)
        #expect(check.isOpen)
        #expect(check.accept(network(1)))
        #expect(check.accept(network(5)))
        #expect(check.accept(prefix(0, 0)))
        #expect(check.accept(prefix(0, 8)))
        #expect(check.finish(TableCommit(generation: 7)))
        #expect(!check.isOpen)
    }

    @Test func anEmptyTable() {
        let check = started(0, 0)
        #expect(check.finish(TableCommit(generation: 7)))
    }

    @Test func aChangeOfATable() {
        let check = Checker()
        func begin() {
            check.start(TablePatch(generation: 8, base: 7, networks: 1, prefixes: 1))
        }
        let gone = NetworkSettings(
            id: 9, connector: .socks, mode: .truthful, flags: .removed, holdMs: 1, halfOpenMax: 1,
            connectionsMax: 1, device: DeviceName())
        let nobodys = PrefixEntry(prefix: prefix(0, 8).prefix, network: 0)
        begin()
        #expect(check.accept(gone) && check.accept(nobodys))
        #expect(check.finish(TableCommit(generation: 8)))
        begin()
        #expect(check.accept(network(1, filter: 1_024)) && check.accept(prefix(1)))
        #expect(!check.finish(TableCommit(generation: 7)))
        begin()
        #expect(!check.accept(filter(1)) && !check.isOpen)
        let whole = started(1, 0)
        #expect(!whole.accept(gone))
        let empty = started(0, 1)
        #expect(!empty.accept(nobodys))
    }

    @Test func nothingWithoutABegin() {
        let check = Checker()
        #expect(!check.isOpen)
        #expect(!check.accept(network(1)))
        #expect(!check.accept(prefix(1)))
        #expect(!check.finish(TableCommit(generation: 7)))
    }

    @Test func idsAscend() {
        for second: UInt32 in [4, 5] {
            let check = started(2, 0)
            #expect(check.accept(network(5)))
            #expect(!check.accept(network(second)))
            #expect(!check.isOpen)
            #expect(!check.finish(TableCommit(generation: 7)))
        }
    }

    @Test func theFirstIDMayBeZero() {
        let check = started(1, 0)
        #expect(check.accept(network(0)))
    }

    @Test func prefixesAscend() {
        for second in [prefix(9), prefix(10), prefix(10, 31)] {
            let check = started(0, 2)
            #expect(check.accept(prefix(10)))
            #expect(!check.accept(second))
            #expect(!check.isOpen)
        }
    }

    @Test func networksComeBeforePrefixes() {
        let check = started(2, 1)
        #expect(check.accept(network(1)))
        #expect(!check.accept(prefix(1)))
        let other = started(1, 2)
        #expect(other.accept(network(1)))
        #expect(other.accept(prefix(1)))
        #expect(!other.accept(network(2)))
    }

    @Test func filtersAreNumberedFromOne() {
        for numbers: [UInt16] in [[2], [1, 1], [1, 3], [1_024]] {
            let check = started(0, 0)
            let accepted = numbers.map { check.accept(filter($0)) }
            #expect(accepted.last == false && !check.isOpen, "\(numbers)")
        }
        let check = started(0, 0)
        for number in 1...Limits.filtersMax where !check.accept(filter(number)) {
            Issue.record("filter \(number)")
        }
        #expect(check.finish(TableCommit(generation: 7)))
    }

    @Test func filtersComeBeforeNetworks() {
        let check = started(2, 0)
        #expect(check.accept(filter(1)))
        #expect(check.accept(network(1, filter: 1)))
        #expect(!check.accept(filter(2)))
        let other = started(0, 1)
        #expect(other.accept(prefix(1)))
        #expect(!other.accept(filter(1)))
        #expect(!Checker().accept(filter(1)))
    }

    @Test func aNetworkNamesAFilterThatCame() {
        for (named, isAccepted) in [(0, true), (1, true), (2, true), (3, false)] as [(UInt16, Bool)]
        {
            let check = started(1, 0)
            #expect(check.accept(filter(1)) && check.accept(filter(2)))
            #expect(check.accept(network(1, filter: named)) == isAccepted)
        }
        let again = started(1, 0)
        #expect(again.accept(filter(1)))
        again.start(TableBegin(generation: 8, networks: 1, prefixes: 0))
        #expect(!again.accept(network(1, filter: 1)), "the filters of a dropped table are gone")
    }

    @Test func countsAreKept() {
        let more = started(1, 0)
        #expect(more.accept(network(1)))
        #expect(!more.accept(network(2)))
        let fewer = started(1, 1)
        #expect(fewer.accept(network(1)))
        #expect(!fewer.finish(TableCommit(generation: 7)))
        let morePrefixes = started(0, 1)
        #expect(morePrefixes.accept(prefix(1)))
        #expect(!morePrefixes.accept(prefix(2)))
    }

    @Test func theCommitNamesTheBegin() {
        let check = started(0, 0)
        #expect(!check.finish(TableCommit(generation: 8)))
        #expect(!check.finish(TableCommit(generation: 7)))
    }

    @Test func aSecondBeginStartsAnew() {
        let check = started(1, 1)
        #expect(check.accept(network(5)))
        #expect(check.accept(prefix(5)))
        check.start(TableBegin(generation: 8, networks: 1, prefixes: 1))
        #expect(check.accept(network(2)))
        #expect(check.accept(prefix(2)))
        #expect(check.finish(TableCommit(generation: 8)))
    }

    @Test func dropForgets() {
        let check = started(0, 0)
        check.drop()
        #expect(!check.finish(TableCommit(generation: 7)))
    }
}
