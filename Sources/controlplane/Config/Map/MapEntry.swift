internal import Protocol

/// One thing that a source of the gateway map knows: by which gateway a prefix is reached.
struct MapEntry: Equatable, Sendable {
    let prefix: Prefix
    let gateway: GatewayAddress

    /// What the network would like to be called; nil where the source has no fitting name.
    let name: String?

    let position: SourcePosition
}
