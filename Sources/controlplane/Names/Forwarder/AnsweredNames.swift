internal import Protocol

/// What private names have led to of late: for people, who know names rather than addresses.
struct AnsweredNames: Sendable {
    /// About 100 bytes each. One more, and all are forgotten: they come again.
    static let countMax = 4_096

    private var names: [Address: String] = [:]

    /// Notes whatever addresses an answer has for the name that was asked for.
    mutating func note(_ answer: DNSMessage) {
        let addresses = answer.addresses
        if names.count + addresses.count > Self.countMax { names = [:] }
        let name = answer.question.name.text
        for address in addresses.prefix(Self.countMax) { names[address] = name }
    }

    /// The name that led to the address last; nil where none did.
    func name(of address: Address) -> String? { names[address] }
}
