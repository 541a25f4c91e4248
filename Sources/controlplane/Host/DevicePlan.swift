/// What to do about the doorbell, judged from what is there under its name.
enum DevicePlan: Equatable, Sendable {
    /// There is none: make it, then bring it up.
    case create
    /// It is ours; these lines for `ip -batch -` are missing, perhaps none.
    case adopt([String])
    /// Something else has the name; the reason.
    case foreign(String)

    /// - Parameter links: every interface of this namespace.
    static func decide(_ links: [LinkListing], ipv6: Bool) -> DevicePlan {
        guard let link = links.first(where: { $0.ifname == HostNames.device }) else {
            return .create
        }
        if let reason = strangeness(link) { return .foreign(reason) }
        return .adopt(lines(link, ipv6: ipv6))
    }

    /// The lines that configure a device that was just made.
    static func lines(ipv6: Bool) -> [String] {
        [linkLine, line4] + (ipv6 ? [line6] : [])
    }

    /// Settings of the device itself, under /proc/sys/net; they go when it goes.
    static func settings(ipv6: Bool) -> [(key: String, value: String)] {
        let v4 = "ipv4/conf/\(HostNames.device)/"
        let v6 = "ipv6/conf/\(HostNames.device)/"
        let settings4 = [
            // What is written back has a source that no route puts behind this device.
            ("rp_filter", "0"),
            // Local programs' packets are written back too.
            ("accept_local", "1"),
            // Refused ones of theirs are answered in the forward hook.
            ("forwarding", "1"),
            ("send_redirects", "0"),
            ("accept_redirects", "0"),
        ].map { (key: v4 + $0.0, value: $0.1) }
        let settings6 = [
            ("disable_ipv6", "0"),
            // Nothing of its own is to be said on it: the dataplane would have to read it.
            ("accept_ra", "0"), ("autoconf", "0"), ("addr_gen_mode", "1"),
            ("router_solicitations", "0"), ("accept_dad", "0"), ("dad_transmits", "0"),
            // Packets of LAN clients go on to a tunnel from it (Linux 6.17; before it, only where
            // the whole host forwards).
            ("force_forwarding", "1"),
        ].map { (key: v6 + $0.0, value: $0.1) }
        return settings4 + (ipv6 ? settings6 : [])
    }

    private static let mtu = 1500

    /// Room for a burst of first packets while the dataplane is busy; per queue.
    private static let queueLength = 4096

    private static let linkLine =
        "link set dev \(HostNames.device) mtu \(mtu) txqueuelen \(queueLength) multicast off up"
    private static let line4 = "addr add \(HostNames.address4)/32 dev \(HostNames.device)"
    private static let line6 = "addr add \(HostNames.address6)/128 dev \(HostNames.device) nodad"

    private static func strangeness(_ link: LinkListing) -> String? {
        guard let info = link.linkinfo, info.info_kind == "tun", let tun = info.info_data,
            tun.type == "tun"
        else { return "it is not a TUN device" }
        guard tun.multi_queue == true, tun.pi == false, tun.vnet_hdr != true, tun.persist == true
        else { return "it is a TUN device that another program made" }
        for address in link.addresses where address.scope != "link" {
            guard let local = address.local,
                local == HostNames.address4 || local == HostNames.address6
            else { return "it has the address \(address.local ?? "?"), which is not dvpn's" }
        }
        return nil
    }

    private static func lines(_ link: LinkListing, ipv6: Bool) -> [String] {
        var lines: [String] = []
        let isUp =
            link.flags.contains("UP") && !link.flags.contains("MULTICAST") && link.mtu == mtu
            && link.txqlen == queueLength
        if !isUp { lines.append(linkLine) }
        let there = Set(link.addresses.compactMap(\.local))
        if !there.contains(HostNames.address4) { lines.append(line4) }
        if ipv6 && !there.contains(HostNames.address6) { lines.append(line6) }
        return lines
    }
}
