/// Packets that a network device has carried since it was made, as the kernel counts them
/// (sysfs-class-net-statistics).
struct DeviceCounters: Equatable, Sendable {
    let received: UInt64
    let sent: UInt64

    /// nil where there is no such device.
    static func read(_ device: String) -> DeviceCounters? {
        guard let received = value("rx_packets", device), let sent = value("tx_packets", device)
        else { return nil }
        return DeviceCounters(received: received, sent: sent)
    }

    private static func value(_ name: String, _ device: String) -> UInt64? {
        let path = "/sys/class/net/\(device)/statistics/\(name)"
        guard let text = try? ProcessFiles.text(path) else { return nil }
        return UInt64(text.split(separator: "\n").first ?? "")
    }
}
