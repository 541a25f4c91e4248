internal import FoundationEssentials
internal import Reports

/// A signal to everybody who listens.
struct BusSignal: Equatable, Sendable {
    let path: String
    let interface: String
    let member: String
    let arguments: [BusValue]
}

/// Decides what is signalled: what is different from what was said last. Pure.
///
/// It remembers only networks of which it had something to say; the others cost nothing.
struct BusPublication {
    private var said: [String: NetworkReport] = [:]

    /// - Parameter reports: of the networks in the news that there are.
    mutating func signals(_ news: NetworkNews, _ reports: [NetworkReport]) -> [BusSignal] {
        var signals = news.removed.map { name in
            said[name] = nil
            return Self.objects(
                "InterfacesRemoved",
                [.path(BusObject.network(name).path), .strings([BusSchema.network.name])])
        }
        let added = Set(news.added)
        for report in reports where added.contains(report.name) {
            said[report.name] = report
            let properties = BusProperties.of(report)
            signals.append(
                Self.objects(
                    "InterfacesAdded",
                    [
                        .path(BusObject.network(report.name).path),
                        BusProperties.interfaces(BusSchema.network.name, properties),
                    ]))
        }
        for transition in news.transitions {
            let words = [transition.source, transition.target, transition.cause]
            signals += transition.networks.map { name in
                BusSignal(
                    path: BusObject.network(name).path, interface: BusSchema.network.name,
                    member: "StateChanged", arguments: words.map(BusValue.string))
            }
        }
        for report in reports where !added.contains(report.name) {
            let changed = Self.changes(from: said[report.name], to: report)
            said[report.name] = report
            if changed.isEmpty { continue }
            signals.append(
                Self.properties(.network(report.name), BusSchema.network.name, changed))
        }
        if news.isHealthNew {
            signals.append(
                Self.properties(.manager, BusSchema.manager.name, [], invalidated: ["Health"]))
        }
        return signals
    }

    /// The properties of which a change is signalled and that have another value; all of them where
    /// nothing was said before.
    static func changes(from old: NetworkReport?, to new: NetworkReport) -> [BusProperty] {
        let signalled = Set(
            BusSchema.network.properties.filter { $0.emission == .changed }.map(\.name))
        let properties = BusProperties.of(new).filter { signalled.contains($0.name) }
        guard let old else { return properties }
        let before = BusProperties.of(old)
        return properties.filter { property in
            if property.name == "IdleClosesAt" {
                return !isNear(old.idleClosesAt, new.idleClosesAt)
            }
            return !before.contains(property)
        }
    }

    /// The moment is computed from two clocks each time, and differs by their reading.
    private static func isNear(_ one: Date?, _ other: Date?) -> Bool {
        guard let one, let other else { return one == other }
        return abs(one.timeIntervalSince(other)) < 0.5
    }

    private static func objects(_ member: String, _ arguments: [BusValue]) -> BusSignal {
        BusSignal(
            path: BusObject.managerPath, interface: "org.freedesktop.DBus.ObjectManager",
            member: member, arguments: arguments)
    }

    private static func properties(
        _ object: BusObject, _ interface: String, _ changed: [BusProperty],
        invalidated: [String] = []
    ) -> BusSignal {
        BusSignal(
            path: object.path, interface: "org.freedesktop.DBus.Properties",
            member: "PropertiesChanged",
            arguments: [.string(interface), .properties(changed), .strings(invalidated)])
    }
}
