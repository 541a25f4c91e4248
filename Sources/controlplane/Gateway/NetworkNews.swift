/// What has happened to networks since somebody took the news last. Bounded: it holds each network
/// once, and only so many transitions.
struct NetworkNews: Equatable, Sendable {
    /// A tunnel's networks came into another state.
    struct Transition: Equatable, Sendable {
        let networks: [String]
        let source: String
        let target: String
        let cause: String
    }

    /// More than so many between two looks are forgotten, the first ones first.
    static let transitionsMax = 1_024

    private(set) var transitions: [Transition] = []
    /// How many were forgotten.
    private(set) var leftOut = 0
    /// Networks whose reports may say something else now.
    var changed: Set<String> = []
    /// Networks that are new in the configuration, or are no more.
    var added: [String] = []
    var removed: [String] = []
    var isHealthNew = false

    var isEmpty: Bool { self == NetworkNews() }

    mutating func note(_ transition: Transition) {
        changed.formUnion(transition.networks)
        if transitions.count >= Self.transitionsMax {
            transitions.removeFirst()
            leftOut += 1
        }
        transitions.append(transition)
    }
}
