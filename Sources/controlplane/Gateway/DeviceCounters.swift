/// What a network device has carried since it was made, as the kernel counts it
/// (sysfs-class-net-statistics). nil where there is no such device.
enum DeviceCounters {
    /// Packets that came.
    static func received(_ device: String) -> UInt64? { count("rx_packets", device) }

    static func bytesIn(_ device: String) -> UInt64? { count("rx_bytes", device) }

    static func bytesOut(_ device: String) -> UInt64? { count("tx_bytes", device) }

    private static func count(_ what: String, _ device: String) -> UInt64? {
        let path = "/sys/class/net/\(device)/statistics/\(what)"
        guard let text = try? ProcessFiles.text(path) else { return nil }
        return UInt64(text.split(separator: "\n").first ?? "")
    }
}
