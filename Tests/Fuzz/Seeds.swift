// Where the fuzzer starts: each kind once as a stream and once as a bare body, and all in a row.

func seeds() -> [[UInt8]] {
    let frames = seedMessages().map { $0.frame(requestID: 1) }
    var seeds = frames.map { [0x03] + $0 }
    for frame in frames {
        seeds.append([0xff] + frame[4..<6] + frame[12...])
    }
    seeds.append([0x10] + frames.joined())
    seeds.append([0x00, 0, 0, 0, 7])
    seeds.append([0x00, 0, 1, 0, 1])
    return seeds
}

private func seedMessages() -> [Message] {
    let client = Endpoint(family: .ipv4, address: Address(ipv4: 0xc0a8_0102), port: 40_000)
    let server = Endpoint(family: .ipv4, address: Address(ipv4: 0x0a01_0203), port: 443)
    let far = Endpoint(family: .ipv6, address: Address(high: 0xfd00 << 48, low: 1), port: 22)
    let path = SocketPath("/run/dvpn/ssh/home.sock") ?? SocketPath()
    let network = NetworkSettings(
        id: 1, connector: .direct, mode: .truthful, flags: [.packets], holdMs: 30_000,
        halfOpenMax: 1,
        connectionsMax: 2, device: DeviceName("tun0") ?? DeviceName(), filter: 1)
    let prefix = PrefixEntry(
        prefix: Prefix(family: .ipv4, length: 8, address: Address(ipv4: 0x0a00_0000)), network: 1)
    let rules =
        PacketRules([
            PacketRule(isAllowed: false, ipProtocol: 17, low: 123, high: 123),
            PacketRule(isAllowed: true, ipProtocol: 0),
        ]) ?? PacketRules()
    let record = ConnectionRecord(
        id: 1, network: 1, phase: .closed, result: .refused, source: far, target: far,
        connectMicros: 1, ageMillis: 2, bytesIn: 3, bytesOut: 4)
    let kept = KeptConnection(
        phase: .relayed, network: 1, source: far, target: far, openedAt: 1, connectMicros: 2,
        out: KeptDirection(total: 3, level: 4), back: KeptDirection(hasEnded: true, isDone: true),
        way: .offered, endpoint: 5, socket: .path(path))
    return [
        .hello(Hello()), .device(Device(queues: 2)), .rawSocket(RawSocket()), .shelf(Shelf()),
        .keptConnection(kept),
        .keptSYN(
            KeptSYN(
                network: 1, firstSeen: 1, lastSeen: 2, clockHertz: 1_000, firstTimestamp: 3,
                copying: [0x45, 0, 0, 0x3c] as [UInt8], count: 4)),
        .tableBegin(TableBegin(generation: 1, networks: 2, prefixes: 1)),
        .filterChunk(FilterChunk(filter: 1, rules: rules)),
        .networkChunk([network, network]), .prefixChunk([prefix]),
        .tableCommit(TableCommit(generation: 1)),
        .networkState(NetworkState(network: 1, state: .refusing, cause: .reset)),
        .endpoint(
            EndpointUpdate(
                network: 1, endpoint: 1, action: .add, capacity: 900, socket: .path(path))),
        .endpoint(
            EndpointUpdate(
                network: 1, endpoint: 2, action: .add, capacity: 900,
                socket: .loopback(port: 40_001))),
        .forward(ForwardUpdate(removing: 1)), .forward(.forgetOthers()),
        .tablePatch(TablePatch(generation: 2, base: 1, networks: 2, prefixes: 1)),
        .tunnelLost(TunnelLost(network: 1)), .ping(Ping(cookie: 1)),
        .listConnections(ListConnections(network: 1, cursor: 0)),
        .kill(Kill(connection: 1)), .statisticsRequest(StatisticsRequest()),
        .dataplaneHello(DataplaneHello(pid: 1)), .reply(Reply(status: .ok, value: 1)),
        .demand(Demand(network: 1, ipProtocol: 6, source: client, target: server, parked: 1)),
        .activity(Activity(network: 1, open: 1, opening: 1, parked: 1)),
        .capacity(Capacity(network: 1, queued: 1)),
        .endpointFailed(EndpointFailed(network: 1, endpoint: 1, errno: 111)),
        .connection(record), .pong(Pong(cookie: 1)), .listEnd(ListEnd(nextCursor: 0)),
        .statistics(Statistics()),
    ]
}
