internal import Protocol

extension Prefix {
    /// Reads a prefix as iproute2 lists it: `10.1.2.0/24`, `10.1.2.3` for a single host, `default`,
    /// or the address of an interface with its subnet's length, whose host bits are cleared.
    ///
    /// - Parameter family: the one that was asked for; `default` does not say.
    init?(listed text: String, _ family: Family) {
        if text == "default" {
            self.init(family: family, length: 0, address: Address(high: 0, low: 0))
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let (address, found) = Address.parse(String(parts[0])) else {
            return nil
        }
        let length = parts.count == 2 ? UInt8(parts[1]) : found.bits
        guard let length, length <= found.bits else { return nil }
        self.init(family: found, length: length, address: address.masked(length))
    }
}
