/// The reverse path filter (RFC 3704) where it is strict: the kernel drops what comes from a device that
/// no route leads its sources back to. Pure.
///
/// dvpn relaxes it when it starts, and whenever it hears of a change; not where /proc/sys is read-only,
/// or another program is as stubborn.
enum ReversePath {
    static let fix =
        "another program sets it: write net.ipv4.conf.all.rp_filter=0 in /etc/sysctl.d, with "
        + "default.rp_filter=1 to keep it for the other interfaces; then: dvpnctl reload"

    /// The settings that count for a device, under /proc/sys/net.
    static func keys(_ device: String) -> [String] { ["all", device].map(SysctlPlan.reversePath) }

    /// What is wrong, as a sentence; nil where it is not strict, or the device is not there.
    static func complaint(_ device: String, _ setting: (String) -> String?) -> String? {
        let values = keys(device).compactMap { key in
            setting(key).flatMap { Int($0) }.map { (key, $0) }
        }
        // The larger of the two counts (ip-sysctl), and 1 is the strict one.
        guard values.count == 2, values.map(\.1).max() == 1 else { return nil }
        let strict = values.filter { $0.1 == 1 }.map(\.0).joined(separator: " and ")
        return "\(strict) is 1: the kernel drops what comes from \(device), because no route leads "
            + "its sources there"
    }
}
