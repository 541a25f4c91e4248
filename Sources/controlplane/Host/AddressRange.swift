internal import Protocol

/// Addresses of one family from `first` to `last`, both included, as numbers.
///
/// The form in which nftables keeps interval sets, and in which prefixes can be subtracted from one
/// another.
struct AddressRange: Equatable, Sendable {
    let family: Family
    let first: UInt128
    let last: UInt128

    init(family: Family, first: UInt128, last: UInt128) {
        self.family = family
        self.first = first
        self.last = last
    }

    init(_ prefix: Prefix) {
        let all = UInt128(prefix.address.high) << 64 | UInt128(prefix.address.low)
        let first = prefix.family == .ipv4 ? all >> 96 : all
        let hostBits = prefix.family.bits - prefix.length
        let span = hostBits == 128 ? UInt128.max : (1 << UInt128(hostBits)) - 1
        self.init(family: prefix.family, first: first, last: first | span)
    }

    /// The range as an element of an nft set: a prefix where it is one, else `FIRST-LAST`.
    var nftElement: String {
        let span = last ^ first
        let length = family.bits - UInt8(128 - span.leadingZeroBitCount)
        let isPrefix = span & (span &+ 1) == 0 && first & span == 0
        if first == last { return text(first) }
        return isPrefix ? "\(text(first))/\(length)" : "\(text(first))-\(text(last))"
    }

    /// True where one of some ranges is around this one.
    ///
    /// - Parameter ranges: IPv4, then IPv6, each ascending and apart.
    func isInside(_ ranges: [AddressRange]) -> Bool {
        var lower = 0
        var upper = ranges.count
        while lower < upper {
            let middle = (lower + upper) / 2
            let candidate = ranges[middle]
            if (candidate.family.rawValue, candidate.last) < (family.rawValue, first) {
                lower = middle + 1
            } else {
                upper = middle
            }
        }
        guard lower < ranges.count, ranges[lower].family == family else { return false }
        return ranges[lower].first <= first && last <= ranges[lower].last
    }

    private func text(_ number: UInt128) -> String {
        let all = family == .ipv4 ? number << 96 : number
        let high = UInt64(truncatingIfNeeded: all >> 64)
        return Address(high: high, low: UInt64(truncatingIfNeeded: all)).text(family)
    }

    /// The addresses whose longest matching prefix is a chosen one, as few ranges as possible.
    ///
    /// Blocks may lie inside one another, as in a routing table: a block that is not chosen cuts a
    /// hole into the chosen one around it, and a chosen one inside the hole is there again.
    ///
    /// - Parameter blocks: prefixes of any family, ascending, and whether each is chosen.
    static func chosen(
        _ blocks: some Sequence<(Prefix, Bool)>, _ family: Family
    ) -> [AddressRange] {
        owned(blocks, family).compactMap { $0.owner ? $0.range : nil }
    }

    /// The addresses that each block's owner has, as few ranges as possible, ascending: those whose
    /// longest matching prefix is its.
    ///
    /// - Parameter blocks: prefixes of any family, ascending.
    static func owned<Owner: Equatable>(
        _ blocks: some Sequence<(Prefix, Owner)>, _ family: Family
    ) -> [(range: AddressRange, owner: Owner)] {
        var sweep = RangeSweep<Owner>(family: family)
        for (prefix, owner) in blocks where prefix.family == family {
            sweep.open(AddressRange(prefix), owner)
        }
        return sweep.finish()
    }
}

/// One walk over nested blocks in ascending order: the open ones are on the stack, innermost last.
private struct RangeSweep<Owner: Equatable> {
    let family: Family
    var stack: [(range: AddressRange, owner: Owner)] = []
    var next: UInt128 = 0
    var result: [(range: AddressRange, owner: Owner)] = []

    mutating func open(_ range: AddressRange, _ owner: Owner) {
        while let top = stack.last, top.range.last < range.first { close(top) }
        if let top = stack.last, next < range.first { emit(next, range.first - 1, top.owner) }
        stack.append((range, owner))
        next = range.first
    }

    mutating func finish() -> [(range: AddressRange, owner: Owner)] {
        while let top = stack.last { close(top) }
        return result
    }

    private mutating func close(_ top: (range: AddressRange, owner: Owner)) {
        stack.removeLast()
        if next <= top.range.last { emit(next, top.range.last, top.owner) }
        // At the end of the address space every block that is still open ends here as well.
        let (after, overflow) = top.range.last.addingReportingOverflow(1)
        if overflow { stack.removeAll() } else { next = after }
    }

    private mutating func emit(_ first: UInt128, _ last: UInt128, _ owner: Owner) {
        var range = AddressRange(family: family, first: first, last: last)
        if let previous = result.last, previous.owner == owner, previous.range.last + 1 == first {
            result.removeLast()
            range = AddressRange(family: family, first: previous.range.first, last: last)
        }
        result.append((range, owner))
    }
}
