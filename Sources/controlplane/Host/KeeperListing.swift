internal import Protocol

/// What `nft --numeric-protocol list table inet dvpn` says of the flows that keep tunnels up.
enum KeeperListing {
    /// - Returns: the flows of each device, the youngest first.
    static func parse(_ text: String) -> [String: [Flow]] {
        var flows: [String: [Flow]] = [:]
        var sort: KeeperScript.Sort?
        var isInElements = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("\tset ") {
                let name = line.dropFirst("\tset ".count).prefix { $0 != " " }
                sort = KeeperScript.Sort.allCases.first { sort in
                    [4, 6].contains { name == KeeperScript.set(sort, $0) }
                }
            }
            var rest = line
            if line.hasPrefix("\t\telements = { ") {
                isInElements = true
                rest = line.dropFirst("\t\telements = { ".count)
            }
            guard isInElements else { continue }
            isInElements = !rest.contains("}")
            guard let sort else { continue }
            for element in rest.split(separator: ",") {
                guard let (device, flow) = flow(element, sort) else { continue }
                flows[device, default: []].append(flow)
            }
        }
        return flows.mapValues { $0.sorted { $0.ageMs < $1.ageMs } }
    }

    /// `"dv-work" . 192.0.2.10 . 10.66.0.10 . 51000 . 22 timeout 5m expires 4m58s12ms`
    private static func flow(
        _ text: Substring, _ sort: KeeperScript.Sort
    ) -> (device: String, flow: Flow)? {
        let words = text.split { $0 == " " || $0 == "\t" || $0 == "}" }.filter { $0 != "." }
        guard let at = words.firstIndex(of: "timeout"), words.count == at + 4, at >= 4,
            let timeout = milliseconds(words[at + 1]), let expires = milliseconds(words[at + 3]),
            let (source, family) = Address.parse(String(words[1])),
            let (target, other) = Address.parse(String(words[2])), family == other
        else { return nil }
        let numbers = words[3..<at].compactMap { UInt16($0) }
        guard numbers.count == (sort == .other ? 1 : 2) else { return nil }
        let ports = sort == .other ? [0, 0] : numbers
        let flow = Flow(
            source: Endpoint(family: family, address: source, port: ports[0]),
            target: Endpoint(family: family, address: target, port: ports[1]),
            ipProtocol: sort.number ?? UInt8(truncatingIfNeeded: numbers[0]),
            ageMs: max(0, timeout - expires))
        return (String(words[0].filter { $0 != "\"" }), flow)
    }

    /// A time as nft writes it: `1d2h3m4s5ms`.
    static func milliseconds(_ text: Substring) -> Int64? {
        let units: [String: Int64] = [
            "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1,
        ]
        var total: Int64 = 0
        var rest = text
        while !rest.isEmpty {
            let digits = rest.prefix(while: \.isNumber)
            let unit = rest.dropFirst(digits.count).prefix { !$0.isNumber }
            guard let number = Int64(digits), number < 1 << 40, let scale = units[String(unit)]
            else { return nil }
            total += number * scale
            rest = rest.dropFirst(digits.count + unit.count)
        }
        return total
    }
}

extension KeeperScript.Sort {
    /// The IP protocol of all flows of this sort; nil: each has its own.
    var number: UInt8? {
        switch self {
        case .tcp: 6
        case .udp: 17
        case .other: nil
        }
    }
}
