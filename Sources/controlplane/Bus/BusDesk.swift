internal import Reports

/// Answers what is asked of our objects, by the same functions that answer `dvpnctl`.
struct BusDesk<Service: Operator>: Sendable {
    let service: Service

    /// Beyond this the bus would not carry the answer (32 MiB with the system's dbus-daemon).
    static var managedObjectsMax: Int { 32_768 }

    /// The results of the call.
    ///
    /// - Throws: `AccessDenied` where it needs a right that `mayManage` does not confirm.
    func answer(
        _ call: BusCall, mayManage: (BusCall) async -> Bool
    ) async throws(BusError) -> [BusValue] {
        guard let object = BusObject(path: call.path) else {
            throw .standard("UnknownObject", "there is no object \(call.path)")
        }
        if case .network(let name) = object, await service.summaries(of: [name]).isEmpty {
            throw BusError(.unknownNetwork(name))
        }
        let request = try BusRequest(call, of: object)
        if request.needsRight, await !mayManage(call) {
            throw .standard(
                "AccessDenied",
                "only root, group \(APISocket.group) and whom polkit allows "
                    + "\(BusSchema.polkitAction) may call \(call.member)")
        }
        return try await answer(request, of: object)
    }

    private func answer(
        _ request: BusRequest, of object: BusObject
    ) async throws(BusError) -> [BusValue] {
        switch request {
        case .introspect:
            return [.string(BusIntrospection.xml(object, children: await children(of: object)))]
        case .get(let name):
            let property = try await properties(of: object).first { $0.name == name }
            guard let property else { throw .standard("UnknownProperty", "no property \(name)") }
            return [.variant(property.value)]
        case .getAll:
            return [.properties(try await properties(of: object))]
        case .getManagedObjects:
            return [try await managedObjects()]
        case .listNetworks:
            let networks = await service.summaries(of: nil).map { report in
                BusValue.structure([
                    .string(report.name), .path(BusObject.network(report.name).path),
                    .string(report.state.rawValue),
                ])
            }
            return [.array(of: "(sos)", networks)]
        case .reload:
            let report = try await Self.passing { () throws(OperatorError) in
                try await service.reload()
            }
            return [report.added, report.removed, report.changed, report.settings]
                .map(BusValue.strings)
        case .network(let verb):
            guard case .network(let name) = object else { return [] }
            _ = try await Self.passing { () throws(OperatorError) in
                switch verb {
                case .up: try await service.up(name)
                case .down: try await service.down(name)
                case .unlock: try await service.unlock(name)
                case .release: try await service.release(name)
                case .resume: try await service.resume(name)
                case .refuse: try await service.refuse(name)
                }
            }
            return []
        }
    }

    private func children(of object: BusObject) async -> [String] {
        switch object {
        case .manager: ["network"]
        case .folder: await service.summaries(of: nil).map { BusObject.label($0.name) }
        case .network: []
        }
    }

    private func properties(of object: BusObject) async throws(BusError) -> [BusProperty] {
        switch object {
        case .manager:
            BusProperties.of(version: Release.version, await service.health())
        case .network(let name):
            BusProperties.of(
                try await Self.passing { () throws(OperatorError) in
                    try await service.network(name)
                })
        case .folder:
            []
        }
    }

    private func managedObjects() async throws(BusError) -> BusValue {
        let count = await service.summaries(of: nil).count
        guard count <= Self.managedObjectsMax else {
            throw .standard(
                "LimitsExceeded",
                "\(count) networks are too many for one answer: call ListNetworks, and GetAll of "
                    + "those of interest")
        }
        var objects = [
            Self.object(.manager, BusSchema.manager.name, try await properties(of: .manager))
        ]
        objects += await service.networks().map { report in
            Self.object(
                .network(report.name), BusSchema.network.name, BusProperties.of(report))
        }
        return .array(of: "{oa{sa{sv}}}", objects)
    }

    private static func object(
        _ object: BusObject, _ interface: String, _ properties: [BusProperty]
    ) -> BusValue {
        .entry(.path(object.path), BusProperties.interfaces(interface, properties))
    }

    private static func passing<Result>(
        _ body: () async throws(OperatorError) -> Result
    ) async throws(BusError) -> Result {
        do {
            return try await body()
        } catch {
            throw BusError(error)
        }
    }
}
