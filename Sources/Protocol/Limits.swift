/// What the wire allows, whatever the memory of a peer: a frame or a field beyond these is malformed.
///
/// Computed, not stored: the dataplane's annotated functions read them across the module boundary,
/// where a stored global would be reached through a lock.
public enum Limits {
    /// The version a peer must share. A different major number means a different protocol.
    @inlinable public static var versionMajor: UInt16 { 1 }

    /// Counts additions that an older peer may ignore.
    @inlinable public static var versionMinor: UInt16 { 4 }

    /// Feature bits that this version offers in its hello.
    @inlinable public static var features: UInt64 {
        @_noAllocation @_noLocks get { featurePatches }
    }

    /// `tablePatch` is understood.
    @inlinable public static var featurePatches: UInt64 { 2 }

    /// Bytes in front of every body: length, kind, flags, request id.
    @inlinable public static var headerLength: Int { 12 }

    /// Bytes of the length field, which does not count itself.
    @inlinable public static var lengthFieldLength: Int { 4 }

    /// Smallest value of the length field: kind, flags and request id, and no body.
    @inlinable public static var frameLengthMin: Int { 8 }

    /// Largest value of the length field.
    @inlinable public static var frameLengthMax: Int { 65_536 }

    /// Bytes of the largest frame, its length field included: what a reader's buffer must hold.
    @inlinable public static var frameBytesMax: Int { 65_540 }

    /// Bytes of the largest body.
    @inlinable public static var bodyLengthMax: Int { 65_528 }

    /// Queues of the doorbell device that one `device` frame may carry: the kernel passes at most
    /// 253 descriptors in one message (unix(7), SCM_MAX_FD); more workers than this are not built.
    @inlinable public static var queuesMax: Int { 64 }

    /// Workers of one dataplane. A worker's number stands in the DSCP field of the SYNs that it
    /// writes, whose highest values mean something else.
    @inlinable public static var workersMax: Int { 16 }

    /// Networks in a table.
    @inlinable public static var networksMax: Int { 65_536 }

    /// Prefixes in a table.
    @inlinable public static var prefixesMax: Int { 262_144 }

    /// Bytes of one network in a `networkChunk`.
    @inlinable public static var networkLength: Int { 44 }

    /// Bytes of one prefix in a `prefixChunk`.
    @inlinable public static var prefixLength: Int { 24 }

    /// Filters in a table, which is also the highest number of one.
    @inlinable public static var filtersMax: UInt16 { 1_024 }

    /// Rules in one filter: `PacketRules` holds as many in place.
    @inlinable public static var rulesPerFilterMax: Int { 32 }

    /// Bytes of one rule in a `filterChunk`.
    @inlinable public static var ruleLength: Int { 8 }

    /// Networks in one chunk: (65,528 - 2) / 44.
    @inlinable public static var networksPerChunkMax: Int { 1_489 }

    /// Prefixes in one chunk: (65,528 - 2) / 24.
    @inlinable public static var prefixesPerChunkMax: Int { 2_730 }

    /// Longest time a packet may be held, in milliseconds: ten minutes.
    @inlinable public static var holdMsMax: UInt32 { 600_000 }

    /// Bytes of a device name's field, its NUL included (IFNAMSIZ of netdevice(7)).
    @inlinable public static var deviceNameLength: Int { 16 }

    /// Static forwards at once.
    @inlinable public static var forwardsMax: Int { 64 }

    /// Bytes of the name that a far side looks up: what one byte of SOCKS5 can say (RFC 1928).
    @inlinable public static var farNameMax: Int { 255 }

    /// Bytes of a socket's path: sun_path of unix(7) without its NUL.
    @inlinable public static var pathMax: Int { 107 }

    /// The loopback address on which tunnel clients listen that cannot use a Unix socket:
    /// 127.118.112.110, in host order. Ours alone, so that a firewall rule can name it.
    @inlinable public static var loopback: UInt32 { 0x7f76_706e }

    /// Where a worker's number begins in the id of a connection, and in the cursor of a list: below
    /// it is the connection's slot.
    @inlinable public static var workerShift: UInt32 { 24 }

    /// Bytes of the largest SYN there is: 40 of IPv6 and 60 of TCP header; with IPv4 options 120.
    @inlinable public static var synBytesMax: Int { 120 }

    /// Connections in one message on the shelf. With four descriptors each these are 64; the kernel
    /// passes 253 (SCM_MAX_FD). Few enough that several workers each get some.
    @inlinable public static var parcelMax: Int { 16 }

    /// Descriptors in one message on the shelf.
    @inlinable public static var parcelDescriptorsMax: Int { 64 }

    /// Stands for every network where one is asked for; no network has this id.
    @inlinable public static var networkAll: UInt32 { 0xffff_ffff }
}
