internal import Glibc

/// Looks at network devices of the namespace that we are in.
enum TunnelDevices {
    /// Whether there is a device of that name (if_nametoindex(3)).
    static func exists(_ name: String) -> Bool {
        unsafe if_nametoindex(name) != 0
    }

    /// The device as it is configured now, if it is up and has an address.
    static func configured(_ name: String, _ host: any HostSystem) async throws(HostError)
        -> TunnelDevice?
    {
        guard exists(name) else { return nil }
        let text = try await host.run(
            .ip, ["-json", "-details", "address", "show", "dev", name], input: "")
        guard let link = try LinkListing.parse(text).first(where: { $0.ifname == name }),
            link.flags.contains("UP")
        else { return nil }
        // A link-local address is made by the kernel, and reaches nobody behind the tunnel.
        let addresses = link.addresses.filter { $0.scope != "link" }.compactMap(\.local)
        guard !addresses.isEmpty else { return nil }
        return TunnelDevice(name: name, addresses: addresses, mtu: link.mtu)
    }

    /// Removes the device; harmless where it is gone.
    static func remove(_ name: String, _ host: any HostSystem) async throws(HostError) {
        do {
            _ = try await host.run(.ip, ["link", "delete", "dev", name], input: "")
        } catch {
            if exists(name) { throw error }
        }
    }
}
