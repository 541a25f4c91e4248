import Reports
import Testing

@testable import controlplane

@Suite("D-Bus: what is asked and answered")
struct BusDeskTests {
    private static let home = "/org/dvpn1/network/home"
    private static let manager = "org.dvpn1.Manager"
    private static let network = "org.dvpn1.Network"
    private static let properties = "org.freedesktop.DBus.Properties"

    struct Case: CustomTestStringConvertible, Sendable {
        var path = "/org/dvpn1"
        var interface: String?
        let member: String
        var strings: [String] = []
        var signature: String?
        var isAllowed = true
        /// The error's name without what all have in common, or none.
        var error: String?
        /// What the operator was asked for.
        var calls: [String] = []

        var call: BusCall {
            BusCall(
                path: path, interface: interface, member: member,
                signature: signature ?? String(repeating: "s", count: strings.count),
                strings: strings, sender: ":1.7")
        }
        var testDescription: String { "\(path) \(interface ?? "-").\(member)\(strings)" }
    }

    static let cases = [
        Case(interface: manager, member: "Reload", error: "Configuration", calls: ["reload"]),
        Case(member: "Reload", isAllowed: false, error: "AccessDenied"),
        Case(member: "ListNetworks", isAllowed: false),
        Case(member: "GetManagedObjects", isAllowed: false, calls: ["networks"]),
        Case(member: "Introspect", isAllowed: false),
        Case(member: "Reload", strings: ["now"], error: "InvalidArgs"),
        Case(interface: "org.dvpn1.Nothing", member: "Reload", error: "UnknownInterface"),
        Case(interface: manager, member: "Up", error: "UnknownMethod"),
        Case(interface: properties, member: "Get", strings: [manager, "Version"]),
        Case(
            interface: properties, member: "Get", strings: [manager, "Colour"],
            error: "UnknownProperty"),
        Case(
            interface: properties, member: "Get", strings: [network, "State"],
            error: "UnknownInterface"),
        Case(
            interface: properties, member: "Set", strings: [], signature: "ssv",
            error: "PropertyReadOnly"),
        Case(path: home, interface: network, member: "Up", calls: ["up home"]),
        Case(path: home, interface: network, member: "Down", calls: ["down home"]),
        Case(path: home, interface: network, member: "Unlock", calls: ["unlock home"]),
        Case(path: home, interface: network, member: "Release", calls: ["release home"]),
        Case(path: home, interface: network, member: "Resume", calls: ["resume home"]),
        Case(path: home, interface: network, member: "Refuse", calls: ["refuse home"]),
        Case(path: home, member: "Up", isAllowed: false, error: "AccessDenied"),
        Case(path: home, member: "Down", isAllowed: false, error: "AccessDenied"),
        Case(path: home, member: "Unlock", isAllowed: false, error: "AccessDenied"),
        Case(path: home, member: "Release", isAllowed: false, error: "AccessDenied"),
        Case(path: home, member: "Resume", isAllowed: false, error: "AccessDenied"),
        Case(path: home, member: "Refuse", isAllowed: false, error: "AccessDenied"),
        Case(
            path: "/org/dvpn1/network/work", interface: network, member: "Resume",
            error: "NotReleased", calls: ["resume work"]),
        Case(path: home, member: "Reload", error: "UnknownMethod"),
        Case(
            path: home, interface: properties, member: "GetAll", strings: [network],
            isAllowed: false, calls: ["network home"]),
        Case(
            path: home, interface: properties, member: "GetAll", strings: [""],
            calls: ["network home"]),
        Case(path: home, member: "Introspect", isAllowed: false),
        Case(path: "/org/dvpn1/network", member: "Introspect", isAllowed: false),
        Case(path: "/org/dvpn1/network", member: "Up", error: "UnknownMethod"),
        Case(
            path: "/org/dvpn1/network/work", interface: network, member: "Up", error: "Locked",
            calls: ["up work"]),
        Case(path: "/org/dvpn1/network/nobody", member: "Up", error: "NoSuchNetwork"),
        Case(path: "/org/dvpn1/network/nobody", member: "Introspect", error: "NoSuchNetwork"),
        Case(path: "/org/dvpn1/elsewhere", member: "Introspect", error: "UnknownObject"),
        Case(path: "/org/dvpn1/network/a/b", member: "Introspect", error: "UnknownObject"),
    ]

    @Test("Each call is done, or refused with a name", arguments: cases)
    func answers(_ item: Case) async {
        let service = FakeOperator()
        var error: BusError?
        do throws(BusError) {
            _ = try await BusDesk(service: service).answer(item.call) { _ in item.isAllowed }
        } catch let failure {
            error = failure
        }
        let name = error?.name.split(separator: ".").last.map(String.init)
        #expect(name == item.error, "\(error?.text ?? "")")
        #expect(service.calls == item.calls)
    }

    @Test("Errors have the API's own words and the way out of them")
    func words() {
        let error = BusError(OperatorError(.locked, "work is locked", fix: "unlock it"))
        #expect(error.name == "org.dvpn1.Error.Locked")
        #expect(error.text == "work is locked; unlock it")
    }

    @Test("All networks are listed with their objects and states")
    func list() async throws {
        let call = BusCall(
            path: "/org/dvpn1", interface: nil, member: "ListNetworks", signature: "", strings: [])
        let answer = try await BusDesk(service: FakeOperator()).answer(call) { _ in false }
        #expect(
            answer == [
                .array(
                    of: "(sos)",
                    [
                        .structure([.string("home"), .path(Self.home), .string("up")]),
                        .structure([
                            .string("work"), .path("/org/dvpn1/network/work"), .string("locked"),
                        ]),
                    ])
            ])
    }

    @Test("Root and the group may manage, and nobody whose group is only called alike")
    func trusted() {
        func isTrusted(_ user: UInt32, in groups: [UInt32], trusted: UInt32?) -> Bool {
            BusRights.isTrusted(user, groups: { _ in groups }, trusted: { trusted })
        }
        #expect(isTrusted(0, in: [], trusted: nil))
        #expect(isTrusted(1_000, in: [1_000, 64_764], trusted: 64_764))
        #expect(!isTrusted(1_000, in: [1_000], trusted: 64_764))
        #expect(!isTrusted(1_000, in: [1_000], trusted: nil))
    }
}
