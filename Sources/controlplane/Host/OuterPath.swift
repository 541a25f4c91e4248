/// How this host reaches an address outside: the device and our address on it.
struct OuterPath: Equatable, Sendable {
    let device: String
    let source: String

    private struct Entry: Decodable {
        let dev: String?
        let prefsrc: String?
    }

    /// Reads `ip -json route get ADDRESS`; nil where it names no way that leads out.
    static func parse(_ json: String) -> OuterPath? {
        guard let entry = try? ListingJSON.decode([Entry].self, json, "ip route get").first,
            let device = entry.dev, let source = entry.prefsrc,
            device != HostNames.device, device != "lo"
        else { return nil }
        return OuterPath(device: device, source: source)
    }

    /// The way to an address now; nil where there is none.
    static func find(to address: String, _ host: any HostSystem) async -> OuterPath? {
        guard let json = try? await host.run(.ip, ["-json", "route", "get", address], input: "")
        else { return nil }
        return parse(json)
    }
}
