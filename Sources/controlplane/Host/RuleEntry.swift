/// One rule as `ip -json rule show` writes it; what a rule does not ask for is nil.
struct RuleEntry: Decodable {
    let priority: UInt32
    let src: String?
    let srclen: Int?
    let dst: String?
    let dstlen: Int?
    let iif: String?
    let oif: String?
    let fwmark: String?
    let fwmask: String?
    let table: String?
    let `protocol`: String?
    let ipproto: String?
    let sport: Int?
    let dport: Int?
    let userStart: Int?
    let userEnd: Int?

    private enum CodingKeys: String, CodingKey {
        case priority, src, srclen, dst, dstlen, iif, oif, fwmark, fwmask, table, `protocol`
        case ipproto, sport, dport
        case userStart = "uid_start"
        case userEnd = "uid_end"
    }
}
