/// Packets that a network device has brought since it was made, as the kernel counts them
/// (sysfs-class-net-statistics).
enum DeviceCounters {
    /// nil where there is no such device.
    static func received(_ device: String) -> UInt64? {
        let path = "/sys/class/net/\(device)/statistics/rx_packets"
        guard let text = try? ProcessFiles.text(path) else { return nil }
        return UInt64(text.split(separator: "\n").first ?? "")
    }
}
