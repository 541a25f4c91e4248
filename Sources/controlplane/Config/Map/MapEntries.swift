internal import Protocol

/// Entries of one source in a form that takes little room: 56 bytes for each, and each gateway once.
struct MapEntries: RandomAccessCollection, Hashable, Sendable {
    /// An entry without what others have as well.
    struct Record: Hashable, Sendable {
        let prefix: Prefix
        /// Empty for none.
        var name: String
        /// Where its gateway stands.
        let gateway: UInt32
        /// Its place in the file; no part of what it says.
        var line: UInt32
        let column: UInt32

        var prefixHash: UInt64 {
            let address = prefix.address
            return address.high ^ (address.low &* 0xff51_afd7_ed55_8ccd) ^ UInt64(prefix.length)
        }
    }

    /// Of all of them.
    let file: String
    private(set) var records: [Record] = []
    private(set) var gateways: [GatewayAddress] = []
    private var gatewayPlaces = PlaceIndex(capacity: 0)

    init(file: String) { self.file = file }

    var startIndex: Int { 0 }
    var endIndex: Int { records.count }

    subscript(place: Int) -> MapEntry {
        let record = records[place]
        return MapEntry(
            prefix: record.prefix, gateway: gateways[Int(record.gateway)],
            name: record.name.isEmpty ? nil : record.name, position: position(place))
    }

    func position(_ place: Int) -> SourcePosition {
        let record = records[place]
        return SourcePosition(file: file, line: Int(record.line), column: Int(record.column))
    }

    func gateway(_ place: Int) -> GatewayAddress { gateways[Int(records[place].gateway)] }

    /// Where the gateway stands; nil where no entry ever had it.
    func place(of gateway: GatewayAddress) -> UInt32? {
        gatewayPlaces.find(Self.hash(gateway)) { gateways[$0] == gateway }.map(UInt32.init)
    }

    mutating func append(_ entry: MapEntry) {
        let record = record(entry)
        records.append(record)
    }

    /// Entries of some lines give way to others, and those behind them move by so many lines.
    mutating func replace(_ places: Range<Int>, by entries: [MapEntry], moving lines: Int) {
        let new = entries.map { record($0) }
        records.replaceSubrange(places, with: new)
        guard lines != 0 else { return }
        for place in (places.lowerBound + new.count)..<records.count {
            records[place].line = UInt32(Int(records[place].line) + lines)
        }
    }

    /// Only those that are kept, in the same order.
    mutating func keep(_ kept: (Int) -> Bool) {
        records = records.indices.filter(kept).map { records[$0] }
    }

    mutating func rename(_ place: Int, _ name: String) { records[place].name = name }

    /// True where more of its gateways are of earlier entries than of these.
    var isLittered: Bool { gateways.count > 2 * records.count + 64 }

    private mutating func record(_ entry: MapEntry) -> Record {
        Record(
            prefix: entry.prefix, name: entry.name ?? "", gateway: number(entry.gateway),
            line: UInt32(entry.position.line), column: UInt32(entry.position.column))
    }

    private mutating func number(_ gateway: GatewayAddress) -> UInt32 {
        if let place = place(of: gateway) { return place }
        gateways.append(gateway)
        if gateways.count > gatewayRoom {
            gatewayRoom = 2 * gateways.count
            gatewayPlaces = PlaceIndex(capacity: gatewayRoom)
            for (place, gateway) in gateways.enumerated() {
                gatewayPlaces.enter(place, Self.hash(gateway))
            }
        } else {
            gatewayPlaces.enter(gateways.count - 1, Self.hash(gateway))
        }
        return UInt32(gateways.count - 1)
    }

    /// Gateways that the index has room for.
    private var gatewayRoom = 0

    private static func hash(_ gateway: GatewayAddress) -> UInt64 {
        StableHash.of(gateway.host) ^ (StableHash.of(gateway.user) &* 3) ^ UInt64(gateway.port)
    }
}
