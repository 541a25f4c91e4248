internal import Protocol

extension Prefix {
    /// Why a text is no prefix.
    enum TextError: Error, Equatable {
        /// An address without a length.
        case noLength(Prefix)
        /// Not an address in front of the slash.
        case address
        /// Not a number behind the slash, or more than the family has bits.
        case length(bits: UInt8)
        /// Bits behind the length are set; the prefix is the one that was probably meant.
        case hostBits(meant: Prefix)
    }

    /// Reads `10.1.2.0/24` or `fd00:1::/32`. Bits behind the length must be zero.
    init(text: String) throws(TextError) {
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        guard let (address, family) = Address.parse(String(text[..<slash])) else { throw .address }
        guard slash < text.endIndex else {
            throw .noLength(Prefix(family: family, length: family.bits, address: address))
        }
        let digits = text[text.index(after: slash)...]
        let isPlain = digits.utf8.allSatisfy { (0x30...0x39).contains($0) } && digits.count <= 3
        guard isPlain, let length = UInt8(digits), length <= family.bits else {
            throw .length(bits: family.bits)
        }
        let masked = address.masked(length)
        guard masked == address else {
            throw .hostBits(meant: Prefix(family: family, length: length, address: masked))
        }
        self.init(family: family, length: length, address: address)
    }

    /// The prefix as it is written: `10.1.2.0/24`.
    var text: String {
        "\(address.text(family))/\(length)"
    }

    /// True where the two have an address in common, which means that one is inside the other.
    func overlaps(_ other: Prefix) -> Bool {
        length <= other.length
            ? contains(other.address, other.family) : other.contains(address, family)
    }
}
