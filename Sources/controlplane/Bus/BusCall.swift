internal import Reports

/// A method call as it came from the bus.
struct BusCall: Equatable, Sendable {
    let path: String
    /// nil where the caller left it out, as the D-Bus specification allows.
    let interface: String?
    let member: String
    /// Types of the arguments.
    let signature: String
    /// The arguments where all of them are strings.
    let strings: [String]
    /// The caller's name, given by the bus.
    var sender = ""
    /// The caller is ready to be asked for a password.
    var isInteractive = false
}

/// What a call wants, once it is known to make sense. Pure.
enum BusRequest: Equatable, Sendable {
    case introspect
    case get(String)
    case getAll
    case getManagedObjects
    case listNetworks
    case reload
    /// What can be done to a network, by the functions that serve it to `dvpnctl`.
    case network(APIPath.Verb)

    /// Whether only those may ask for it who may manage dvpn.
    var needsRight: Bool {
        switch self {
        case .introspect, .get, .getAll, .getManagedObjects, .listNetworks: false
        case .reload, .network: true
        }
    }

    init(_ call: BusCall, of object: BusObject) throws(BusError) {
        let known = Self.methods(of: object)
        guard
            let (method, interface) = known.first(where: {
                $0.method.name == call.member && $0.interface == call.interface ?? $0.interface
            })
        else {
            if let interface = call.interface, !known.contains(where: { $0.interface == interface })
            {
                throw .standard(
                    "UnknownInterface", "\(call.path) has no interface \(interface)")
            }
            throw .standard("UnknownMethod", "\(call.path) has no method \(call.member)")
        }
        guard method.signature == call.signature else {
            throw .standard(
                "InvalidArgs",
                "\(interface).\(call.member) takes \"\(method.signature)\", "
                    + "not \"\(call.signature)\"")
        }
        self = try method.make(call, object)
    }

    private struct Method {
        let name: String
        var signature = ""
        let make: @Sendable (BusCall, BusObject) throws(BusError) -> BusRequest

        init(
            _ name: String, _ signature: String = "",
            _ make:
                @escaping @Sendable (BusCall, BusObject) throws(BusError) -> BusRequest
        ) {
            self.name = name
            self.signature = signature
            self.make = make
        }

        init(_ name: String, _ request: BusRequest) {
            self.init(name) { (_, _) throws(BusError) in request }
        }
    }

    private static func methods(
        of object: BusObject
    ) -> [(method: Method, interface: String)] {
        var known: [(Method, String)] = [
            (Method("Introspect", .introspect), "org.freedesktop.DBus.Introspectable")
        ]
        guard let interface = BusSchema.interface(of: object) else { return known }
        known += properties.map { ($0, "org.freedesktop.DBus.Properties") }
        switch object {
        case .manager:
            let objects = Method("GetManagedObjects", .getManagedObjects)
            known.append((objects, "org.freedesktop.DBus.ObjectManager"))
            known += [Method("ListNetworks", .listNetworks), Method("Reload", .reload)]
                .map { ($0, interface.name) }
        case .network:
            known += APIPath.Verb.allCases.map { verb in
                (Method(BusSchema.method(verb), .network(verb)), interface.name)
            }
        case .folder:
            break
        }
        return known
    }

    private static let properties = [
        Method("Get", "ss") { (call, object) throws(BusError) in
            .get(try property(call.strings[1], of: call.strings[0], object))
        },
        Method("GetAll", "s") { (call, object) throws(BusError) in
            // An empty name is all interfaces together.
            if !call.strings[0].isEmpty { _ = try interface(call.strings[0], of: object) }
            return .getAll
        },
        Method("Set", "ssv") { (call, _) throws(BusError) in
            throw .standard("PropertyReadOnly", "the properties of \(call.path) are to be read")
        },
    ]

    private static func property(
        _ name: String, of interfaceName: String, _ object: BusObject
    ) throws(BusError) -> String {
        let interface = try interface(interfaceName, of: object)
        guard interface.properties.contains(where: { $0.name == name }) else {
            throw .standard("UnknownProperty", "\(interface.name) has no property \(name)")
        }
        return name
    }

    private static func interface(
        _ name: String, of object: BusObject
    ) throws(BusError) -> BusInterface {
        guard let interface = BusSchema.interface(of: object),
            name.isEmpty || name == interface.name
        else {
            throw .standard("UnknownInterface", "\(object.path) has no interface \(name)")
        }
        return interface
    }
}
