/// What can happen, each with the MESSAGE_ID by which the journal knows it. `systemd/dvpn.catalog`
/// explains them; an id is never used for anything else.
enum JournalEvent: String, CaseIterable, Sendable {
    // dvpn as a whole.
    case started
    case ended
    case reloaded
    case reloadRefused = "reload-refused"
    case linkUp = "link-up"
    case linkDown = "link-down"
    case dataplaneAway = "dataplane-away"
    case dataplaneSilent = "dataplane-silent"
    case dataplaneAnswers = "dataplane-answers"
    case shelfCleared = "shelf-cleared"
    case busThere = "bus-there"
    case busAway = "bus-away"
    // A network's states.
    case networkIdle = "network-idle"
    case networkDialling = "network-dialling"
    case networkUp = "network-up"
    case networkCloses = "network-closes"
    case networkHoldoff = "network-holdoff"
    case networkLocked = "network-locked"
    case networkReleased = "network-released"
    case networkResumed = "network-resumed"
    // Tunnels.
    case adopted
    case asks
    case pushed
    case clientSaid = "client-said"
    case refusedByGateway = "refused-by-gateway"
    case endpointFailed = "endpoint-failed"
    case tunnelUnused = "tunnel-unused"
    // Connections.
    case connectionEnded = "connection-ended"
    case connectionsLeftOut = "connections-left-out"
    // The host.
    case hostRepaired = "host-repaired"
    case hostFailed = "host-failed"
    case hostFinding = "host-finding"
    case hostFought = "host-fought"
    case hostMoved = "host-moved"
    case hostSleeps = "host-sleeps"
    case hostWoke = "host-woke"
    // Names and forwards.
    case namesFailed = "names-failed"
    case forwardFailed = "forward-failed"

    /// A network came into this state.
    ///
    /// - Parameter state: `TunnelMachine.State.name`.
    init(state: String) {
        self =
            switch state {
            case "idle": .networkIdle
            case "dialling": .networkDialling
            case "up": .networkUp
            case "holdoff": .networkHoldoff
            case "locked": .networkLocked
            default: .networkCloses
            }
    }

    /// 128 bits in hexadecimal: sd-id128(3).
    var id: String {
        switch self {
        case .started: "3f6c8bc8acef46d786ac256856c2a8ab"
        case .ended: "ba676450c91140a68dced31e02c2a5ac"
        case .reloaded: "87c9bef5c6484fe29ba0b468f8a5cab3"
        case .reloadRefused: "147e4a2015284c118c66e3e1e017fbf2"
        case .linkUp: "e942453a75644b3db1f4cce3b9a6e187"
        case .linkDown: "d13f9ac51c794554883399e1aa3546ae"
        case .dataplaneAway: "78b8bd098cd6454f0d27ac05547b3c53"
        case .dataplaneSilent: "80ce9e2a9094497edb46ca344948a309"
        case .dataplaneAnswers: "5d784bfa6c6bfccb40fc2f47a7259ce3"
        case .shelfCleared: "ef70c6051cb7f799b48253c97a426b17"
        case .busThere: "5ae4c0ff77ed49138cb9838441640ccf"
        case .busAway: "e33204ed0cd640abafa4fa830292f824"
        case .networkIdle: "61ea992aba244626a2999d90c57a4d3c"
        case .networkDialling: "45d17243c79a410a94129f47db521652"
        case .networkUp: "8409036be6464e1dbda760bd0895058e"
        case .networkCloses: "efcb6477e7c447d79ad3ab458a085eec"
        case .networkHoldoff: "6da3f1e6c3ff4476837d0c2adb84c66f"
        case .networkLocked: "957f92ea7ec7473b9978aa8edddc8b1c"
        case .networkReleased: "3510cbc494854552bb3747d07320d8ce"
        case .networkResumed: "c2217ca018ba4ff1a82685e4166efd4a"
        case .adopted: "5d4ed06949c74789b2a26856435c1cf0"
        case .asks: "254211891e304567a70f9db3a2f4a8b8"
        case .pushed: "7a93d97d2fe14d648580ae1cf5b6563d"
        case .clientSaid: "b34a88f572974eae8eddb7fc5d9a1a8c"
        case .refusedByGateway: "06d9fa6a05f84b81828d9ba0ce14bf93"
        case .endpointFailed: "fdd57a0fceef4970adebe89cc30bb958"
        case .tunnelUnused: "f7a671ee61274819967e1dc6050fb467"
        case .connectionEnded: "8a17d3e50bfb4abf92185b0951d8aa3a"
        case .connectionsLeftOut: "673bbb3f0edd4d349a28a6e463b6f1a3"
        case .hostRepaired: "3320974c34374270a6dd027d4f3b88f4"
        case .hostFailed: "07daec79114f4d0a8b87d6f4a18eab8d"
        case .hostFinding: "20250667b56c7bf5d30e5484794fa427"
        case .hostFought: "609555e1e5416e76d5fe99b0377f7584"
        case .hostMoved: "deed27a4587049dfaa01cf8810666bc4"
        case .hostSleeps: "33f5691792a84372a54882c6a76b0ae1"
        case .hostWoke: "3b5d2547cc614c9abce0f81a41b73f02"
        case .namesFailed: "81c64012f2be0cb565d214fd84c2a80f"
        case .forwardFailed: "15a59ea3ea274fe417fdad8751258638"
        }
    }
}
