/// What `nft list set inet dvpn sent` says: how many packets went out by each tunnel's device that
/// may be answered.
///
/// The device's own counters do not tell: a packet counts there once the client has taken it, and
/// a client that waits for its dead gateway takes none.
enum SentListing {
    static let set = "sent"

    /// - Returns: 0 for a device by which nothing went out in the last hour.
    static func packets(_ text: String, by device: String) -> UInt64 {
        // `"dv-work" counter packets 6 bytes 504 expires 59m59s992ms, "dv-b" counter …`
        let words = text.split { " \t\n{},".contains($0) }
        guard let at = words.firstIndex(of: "\"\(device)\""),
            let label = words[at...].firstIndex(of: "packets"), label + 1 < words.endIndex
        else { return 0 }
        return UInt64(words[label + 1]) ?? 0
    }
}
