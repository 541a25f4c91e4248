internal import Reports

/// What an interface has, and what each part of it means: the source of the introspection and of
/// the checks on what is asked for.
struct BusInterface: Sendable {
    struct Argument: Sendable {
        let name: String
        let type: String
    }

    struct Method: Sendable {
        let name: String
        var results: [Argument] = []
        /// Whether anybody may call it.
        var isOpen = false
        let meaning: String
    }

    /// When a change of a property is signalled, in the words of the D-Bus specification.
    enum Emission: String, Sendable {
        case changed = "true"
        case invalidated = "invalidates"
        case never = "false"
        case constant = "const"
    }

    struct Property: Sendable {
        let name: String
        let type: String
        var emission = Emission.changed
        let meaning: String
    }

    struct Signal: Sendable {
        let name: String
        let arguments: [Argument]
        let meaning: String
    }

    let name: String
    let meaning: String
    var methods: [Method] = []
    var properties: [Property] = []
    var signals: [Signal] = []
}

/// The interfaces of `org.dvpn1`. Within this name nothing is removed or changes its type.
enum BusSchema {
    /// Our name on the bus.
    static let service = "org.dvpn1"
    /// Who may not simply may ask polkit for this.
    static let polkitAction = "org.dvpn1.manage"

    static let manager = BusInterface(
        name: "org.dvpn1.Manager", meaning: "dvpn as a whole.",
        methods: [
            .init(
                name: "ListNetworks",
                results: [.init(name: "networks", type: "a(sos)")], isOpen: true,
                meaning: "All networks in the order of the configuration, at most 65,536: "
                    + "name, object and state of each."),
            .init(
                name: "Reload",
                results: ["added", "removed", "changed", "settings"].map {
                    .init(name: $0, type: "as")
                },
                meaning: "Reads the configuration again and applies what is different; what is "
                    + "not named in the answer was not touched. With mistakes nothing changes."),
        ],
        properties: [
            .init(
                name: "Version", type: "s", emission: .constant,
                meaning: "The controlplane's version."),
            .init(
                name: "Health", type: "a(ssss)", emission: .invalidated,
                meaning: "What a person should know about: code, severity (notice, warning or "
                    + "error), a sentence, and what to do (may be empty). Empty where all is well."),
        ])

    static let network = BusInterface(
        name: "org.dvpn1.Network", meaning: "One private network.",
        methods: [
            .init(
                name: "Up",
                meaning: "Dials, and answers when the network is up or the dial has failed, which "
                    + "may take longer than a caller's usual time-out. Ends a hold-off, opens no "
                    + "lock. Answers too when the dial asks for a secret: Asks says for which."),
            .init(
                name: "Down",
                meaning: "Closes the tunnel and all in it. Nothing dials again before Up."),
            .init(name: "Unlock", meaning: "Lets a locked network be dialled again."),
            .init(
                name: "Release",
                meaning: "Leaves the network to the host's own routes, as in the office: its "
                    + "tunnel ends, and nothing keeps its packets from the public network any "
                    + "more. Resume, a reload and a reboot end that."),
            .init(
                name: "Resume",
                meaning: "Takes a released network back; the next packet dials."),
            .init(
                name: "Refuse",
                meaning: "Says that there will be no answer to what the network asks for (Asks): "
                    + "the dial ends, and those who wait are told."),
        ],
        properties: [
            .init(
                name: "Name", type: "s", emission: .constant,
                meaning: "As in the configuration."),
            .init(
                name: "State", type: "s",
                meaning: "idle, dialling, up, draining, cleaning, holdoff, locked, routed or "
                    + "released."),
            .init(
                name: "Since", type: "t",
                meaning: "When it came into this state: microseconds since 1970."),
            .init(
                name: "Reason", type: "s",
                meaning: "What brought it into this state: the packet that dialled, the failure, "
                    + "the operator."),
            .init(
                name: "Gateway", type: "s",
                meaning: "Where its tunnel goes to; empty where there is none."),
            .init(
                name: "Address", type: "s",
                meaning: "Our address in the tunnel; empty while it has none."),
            .init(name: "Connections", type: "u", meaning: "Connections that are open now."),
            .init(name: "Parked", type: "u", meaning: "Packets that wait for the tunnel."),
            .init(
                name: "Asks", type: "s",
                meaning: "What the dial waits for a person to tell; empty where nobody is asked. "
                    + "`dvpnctl login` and the agents of systemd-ask-password answer it; no secret "
                    + "goes over the bus."),
            .init(
                name: "RxBytes", type: "t", emission: .never,
                meaning: "Bytes from the network: of its present device where the tunnel has one, "
                    + "else of its connections since the controlplane's start."),
            .init(
                name: "TxBytes", type: "t", emission: .never,
                meaning: "Bytes to the network, counted likewise."),
            .init(
                name: "IdleClosesAt", type: "t",
                meaning: "When the tunnel closes if nothing uses it until then: microseconds "
                    + "since 1970, 0 where that is not foreseen. Moves with every use: signalled "
                    + "only beside another property."),
        ],
        signals: [
            .init(
                name: "StateChanged",
                arguments: ["from", "to", "cause"].map { .init(name: $0, type: "s") },
                meaning: "The network went from one state to another, and why.")
        ])

    /// The method of a verb: its word with a capital.
    static func method(_ verb: APIPath.Verb) -> String {
        verb.rawValue.prefix(1).uppercased() + verb.rawValue.dropFirst()
    }

    static func interface(of object: BusObject) -> BusInterface? {
        switch object {
        case .manager: manager
        case .folder: nil
        case .network: network
        }
    }
}
