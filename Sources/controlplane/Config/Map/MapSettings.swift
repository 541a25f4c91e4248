/// A file of the gateway map, and what holds for its lines: a `[[map]]`.
struct MapSettings: Hashable, Sendable {
    /// Absolute path of a hosts file.
    let file: String

    /// How many leading bits of a line's address are its network's: 1...32 and 1...128.
    let prefixLength4: UInt8
    let prefixLength6: UInt8

    /// As in `TunnelSettings`.
    let idleMs: Int?
    let connect: Network.Connect

    /// The tunnel to each gateway. Of its own gateway it has the user and the port for lines that
    /// name none; the host is empty.
    let client: SSHClient

    /// Where the `[[map]]` stands.
    let source: SourcePosition

    /// True where only the place is another.
    func isSame(as other: MapSettings) -> Bool {
        file == other.file && prefixLength4 == other.prefixLength4
            && prefixLength6 == other.prefixLength6 && idleMs == other.idleMs
            && connect == other.connect && client == other.client
    }
}
