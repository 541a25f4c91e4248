// Times PrefixTable.network(of:) in this process: for each number of prefixes, as arguments, one line
// of JSON with the nanoseconds of a lookup. The addresses are random, so that the processor's caches
// help as little as they do in life, and half of them are in no prefix.
internal import CLinux
internal import Protocol

struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return ((state ^ (state >> 29)) &* 0xbf58_476d_1ce4_e5b9) >> 8
    }
}

@main
enum Lookup {
    static let lookups = 2_000_000

    static func main() {
        let arguments = unsafe dp_arguments()
        var index = 1
        while let text = unsafe arguments?[index] {
            if let count = unsafe Options.number(text) {
                report(count, .ipv4)
                report(count, .ipv6)
            }
            index += 1
        }
    }

    /// Every second block of equal size is a prefix.
    static func report(_ count: Int, _ family: Family) {
        var table = PrefixTable(capacity: count)
        var bits: UInt8 = 1
        while 1 << Int(bits) < 2 * count { bits += 1 }
        let shift = 64 - UInt64(bits)
        for number in 0..<UInt64(count) {
            let prefix = Prefix(
                family: family, length: bits, address: Address(high: (number << 1) << shift, low: 0))
            guard table.append(prefix, network: UInt32(number) + 1) else {
                Log.fatal("a prefix was refused, number", Int(number))
            }
        }
        table.seal()
        let span = UInt64(count) << 1
        var random = Random(state: UInt64(count))
        var addresses: [UInt64] = []
        for _ in 0..<65_536 { addresses.append((random.next() % span) << shift | random.next() >> UInt64(bits)) }
        var found = 0
        let begin = dp_now_us()
        for number in 0..<lookups {
            let high = addresses[number & 0xffff] & (family == .ipv4 ? ~0 << 32 : ~0)
            let endpoint = Endpoint(family: family, address: Address(high: high, low: 0), port: 1)
            if table.network(of: endpoint) != nil { found += 1 }
        }
        let picoseconds = (dp_now_us() - begin) * 1_000_000 / UInt64(lookups)
        print("{\"prefixes\": \(count), \"family\": \(family == .ipv4 ? 4 : 6), ", terminator: "")
        print("\"found\": \(found), \"ps\": \(picoseconds)}")
    }
}
