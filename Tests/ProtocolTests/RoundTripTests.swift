import Protocol
import Testing

/// Every value that a field can have comes back as it went.
@Suite struct RoundTripTests {
    private func roundTrip(_ message: Message) -> Bool {
        let stream = Stream()
        return stream.feed(message.frame(requestID: 3))
            == [.decoded(.message(message), requestID: 3)]
    }

    @Test(arguments: NetworkSettings.Connector.allCases, NetworkSettings.Mode.allCases)
    func networks(_ connector: NetworkSettings.Connector, _ mode: NetworkSettings.Mode) {
        let settings = NetworkSettings(
            id: 0xffff_fffe, connector: connector, mode: mode, flags: Sample.other(0xffff),
            holdMs: Limits.holdMsMax, halfOpenMax: .max, connectionsMax: .max,
            device: Sample.name("fifteen-bytes-0"), halfOpenPerSourceMax: .max,
            filter: Limits.filtersMax)
        #expect(roundTrip(.networkChunk([settings])))
    }

    @Test func networkStates() {
        for state in NetworkState.State.allCases {
            for cause in NetworkState.Cause.allCases {
                let message = Message.networkState(
                    NetworkState(network: 1, state: state, cause: cause))
                let makesSense = (state == .refusing) == (cause != .none)
                #expect(roundTrip(message) == makesSense, "\(state) \(cause)")
            }
        }
    }

    @Test(arguments: ConnectionRecord.Phase.allCases, ConnectionRecord.Result.allCases)
    func records(_ phase: ConnectionRecord.Phase, _ result: ConnectionRecord.Result) {
        for (source, target) in [(Sample.client, Sample.server), (Sample.client6, Sample.server6)] {
            let record = ConnectionRecord(
                id: .max, network: 0, phase: phase, result: result, source: source, target: target,
                connectMicros: .max, ageMillis: .max, bytesIn: .max, bytesOut: .max)
            #expect(roundTrip(.connection(record)))
        }
    }

    @Test(arguments: KeptConnection.Phase.allCases, KeptConnection.Way.allCases)
    func keptConnections(_ phase: KeptConnection.Phase, _ way: KeptConnection.Way) {
        let ended = KeptDirection(total: .max, hasEnded: true, isDone: true, isBulk: true)
        let onTheWay = KeptDirection(
            total: 1, level: .max, hasEnded: true, isUrgent: true, isPrompt: true)
        let sockets: [LocalSocket] =
            way == .direct
            ? [.path(SocketPath())] : [.path(Sample.path("/a")), .loopback(port: .max)]
        for (source, target) in [(Sample.client, Sample.server), (Sample.client6, Sample.server6)] {
            for socket in sockets {
                let kept = KeptConnection(
                    phase: phase, network: 1, source: source, target: target, openedAt: .max,
                    connectMicros: .max, out: ended, back: onTheWay, way: way, endpoint: .max,
                    socket: socket)
                #expect(roundTrip(.keptConnection(kept)))
                #expect(kept.descriptors == (phase == .relayed ? 3 : 1))
            }
        }
    }

    /// What goes by no tunnel has no local socket, and the other way round.
    @Test func keptConnectionsWithAndWithoutATunnel() {
        for (way, socket) in [
            (KeptConnection.Way.direct, LocalSocket.path(Sample.path("/a"))),
            (.offered, .path(SocketPath())), (.retired, .path(SocketPath())),
        ] {
            let kept = KeptConnection(
                phase: .relayed, network: 1, source: Sample.client, target: Sample.server,
                openedAt: 0, connectMicros: 0, out: KeptDirection(), back: KeptDirection(),
                way: way, endpoint: 0, socket: socket)
            #expect(!roundTrip(.keptConnection(kept)))
        }
    }

    @Test func demandOfBothFamilies() {
        for (source, target) in [(Sample.client, Sample.server), (Sample.client6, Sample.server6)] {
            let demand = Demand(
                network: 0, ipProtocol: 255, source: source, target: target, parked: .max)
            #expect(roundTrip(.demand(demand)))
        }
    }

    @Test(arguments: 0...Limits.pathMax)
    func pathsOfEveryLength(_ length: Int) throws {
        let text = length == 0 ? "" : "/" + String(repeating: "x", count: length - 1)
        let path = try #require(SocketPath(text))
        #expect(path.text == text)
        let remove = EndpointUpdate(
            network: 1, endpoint: 2, action: .remove, capacity: 0, socket: .path(path))
        #expect(roundTrip(.endpoint(remove)))
        let add = EndpointUpdate(
            network: 1, endpoint: 2, action: .add, capacity: 1, socket: .path(path))
        #expect(roundTrip(.endpoint(add)) == (length > 0))
    }

    @Test(arguments: EndpointUpdate.Action.allCases)
    func portsOfTheLoopbackAddress(_ action: EndpointUpdate.Action) {
        for port: UInt16 in [1, 1_024, 40_000, 0xffff] {
            let update = EndpointUpdate(
                network: 1, endpoint: 2, action: action, capacity: 1, socket: .loopback(port: port))
            #expect(roundTrip(.endpoint(update)))
        }
    }

    @Test func forwardsWithNamesOfEveryLength() throws {
        let nowhere = Endpoint(family: .ipv4, address: Address(high: 0, low: 0), port: 25)
        for length in [1, 63, 254, Limits.farNameMax] {
            let name = try #require(FarName(String(repeating: "x", count: length)))
            let update = ForwardUpdate(
                forward: 1, network: 2, action: .add, target: nowhere, name: name)
            #expect(roundTrip(.forward(update)))
        }
        #expect(FarName(String(repeating: "x", count: Limits.farNameMax + 1)) == nil)
        #expect(FarName("two words") == nil)
    }

    @Test func forwardsThatComeAndGo() throws {
        let name = try #require(FarName("mail.home"))
        for target in [Sample.server, Sample.server6] {
            let update = ForwardUpdate(
                forward: .max, network: 0xffff_fffe, action: .add, target: target, name: FarName())
            #expect(roundTrip(.forward(update)))
            // Two targets at once.
            let both = ForwardUpdate(
                forward: 1, network: 1, action: .add, target: target, name: name)
            #expect(!roundTrip(.forward(both)))
        }
        #expect(roundTrip(.forward(ForwardUpdate(removing: 7))))
        #expect(roundTrip(.forward(.forgetOthers())))
        #expect(!roundTrip(.forward(ForwardUpdate(removing: 0))))
    }

    @Test func filtersOfEverySize() throws {
        var list: [PacketRule] = []
        for number in 1...Limits.rulesPerFilterMax {
            list.append(
                PacketRule(
                    isAllowed: number % 2 == 0, ipProtocol: UInt8(number), low: UInt16(number),
                    high: .max))
            let rules = try #require(PacketRules(list))
            #expect(rules.list == list)
            #expect(roundTrip(.filterChunk(FilterChunk(filter: 1, rules: rules))))
        }
        #expect(PacketRules(list + [list[0]]) == nil)
    }

    @Test func everyPrefixLength() {
        let ones = Address(high: .max, low: .max)
        for length: UInt8 in 0...128 {
            let prefix = Prefix(family: .ipv6, length: length, address: ones.masked(length))
            #expect(roundTrip(.prefixChunk([PrefixEntry(prefix: prefix, network: 1)])))
        }
        for length: UInt8 in 0...32 {
            let prefix = Prefix(
                family: .ipv4, length: length, address: Address(ipv4: .max).masked(length))
            #expect(roundTrip(.prefixChunk([PrefixEntry(prefix: prefix, network: 1)])))
        }
    }

    @Test func repliesKeepUnknownStatus() {
        #expect(roundTrip(.reply(Reply(status: Reply.Status(rawValue: 999), value: .max))))
    }
}
