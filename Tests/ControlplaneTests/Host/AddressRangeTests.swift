import Protocol
import Testing

@testable import controlplane

@Suite("Address ranges")
struct AddressRangeTests {
    struct Case: CustomTestStringConvertible {
        let chosen: [String]
        let holes: [String]
        let ranges: [String]
        var testDescription: String { "\(chosen) without \(holes)" }
    }

    @Test(
        "longest prefix decides",
        arguments: [
            Case(chosen: [], holes: ["10.0.0.0/8"], ranges: []),
            Case(chosen: ["10.1.2.0/24"], holes: [], ranges: ["10.1.2.0/24"]),
            Case(chosen: ["10.1.2.3/32"], holes: [], ranges: ["10.1.2.3"]),
            Case(chosen: ["10.0.0.0/8", "10.1.0.0/16"], holes: [], ranges: ["10.0.0.0/8"]),
            Case(chosen: ["10.0.0.0/9", "10.128.0.0/9"], holes: [], ranges: ["10.0.0.0/8"]),
            Case(
                chosen: ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"], holes: [],
                ranges: ["10.0.0.0-10.0.2.255"]),
            Case(chosen: ["10.0.0.0/30"], holes: ["10.0.0.0/31"], ranges: ["10.0.0.2/31"]),
            Case(
                chosen: ["10.0.0.0/30"], holes: ["10.0.0.1/32"],
                ranges: ["10.0.0.0", "10.0.0.2/31"]),
            Case(chosen: ["10.0.0.0/30"], holes: ["10.0.0.3/32"], ranges: ["10.0.0.0-10.0.0.2"]),
            Case(chosen: ["10.0.0.0/30"], holes: ["10.0.0.0/8"], ranges: ["10.0.0.0/30"]),
            Case(
                chosen: ["10.0.0.0/8", "10.66.7.0/24"], holes: ["10.66.0.0/16"],
                ranges: ["10.0.0.0-10.65.255.255", "10.66.7.0/24", "10.67.0.0-10.255.255.255"]),
            Case(chosen: ["0.0.0.0/0"], holes: [], ranges: ["0.0.0.0/0"]),
            Case(
                chosen: ["0.0.0.0/0"], holes: ["255.255.255.255/32"],
                ranges: ["0.0.0.0-255.255.255.254"]),
            Case(chosen: ["255.255.255.0/24"], holes: [], ranges: ["255.255.255.0/24"]),
        ])
    func ipv4(_ example: Case) { check(example, .ipv4) }

    @Test(
        "longest prefix decides in IPv6",
        arguments: [
            Case(chosen: ["fd01:2::/64"], holes: [], ranges: ["fd01:2::/64"]),
            Case(
                chosen: ["fd01:2::/64"], holes: ["fd01:2::/128"],
                ranges: ["fd01:2::1-fd01:2::ffff:ffff:ffff:ffff"]),
            Case(chosen: ["::/0", "ff00::/8"], holes: [], ranges: ["::/0"]),
            Case(
                chosen: ["::/0"], holes: ["ffff::/16"],
                ranges: ["::-fffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
            Case(chosen: ["::/1"], holes: ["8000::/1"], ranges: ["::/1"]),
        ])
    func ipv6(_ example: Case) { check(example, .ipv6) }

    @Test("each range has one owner, that of its longest prefix; neighbours of one owner are one")
    func owners() {
        let blocks: [Prefix: String?] = [
            HostSamples.prefix("10.0.0.0/14"): "a", HostSamples.prefix("10.1.0.0/16"): "b",
            HostSamples.prefix("10.2.0.0/17"): nil, HostSamples.prefix("10.4.0.0/16"): "a",
            HostSamples.prefix("fd00::/8"): "a",
        ]
        let owned = AddressRange.owned(ascending(blocks), .ipv4)
        #expect(
            owned.map { "\($0.range.nftElement) \($0.owner ?? "-")" } == [
                "10.0.0.0/16 a", "10.1.0.0/16 b", "10.2.0.0/17 -", "10.2.128.0-10.4.255.255 a",
            ])
    }

    @Test("the other family is left out")
    func families() {
        let blocks = [HostSamples.prefix("10.0.0.0/8"): true, HostSamples.prefix("fd00::/8"): true]
        #expect(AddressRange.chosen(ascending(blocks), .ipv4).map(\.nftElement) == ["10.0.0.0/8"])
        #expect(AddressRange.chosen(ascending(blocks), .ipv6).map(\.nftElement) == ["fd00::/8"])
    }

    private func ascending<Owner>(_ blocks: [Prefix: Owner]) -> [(Prefix, Owner)] {
        blocks.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    private func check(_ example: Case, _ family: Family) {
        var blocks: [Prefix: Bool] = [:]
        for text in example.chosen { blocks[HostSamples.prefix(text)] = true }
        for text in example.holes { blocks[HostSamples.prefix(text)] = false }
        #expect(AddressRange.chosen(ascending(blocks), family).map(\.nftElement) == example.ranges)
    }
}
