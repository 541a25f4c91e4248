/// The version of the Internet Protocol that an address belongs to; the number is the version.
public enum Family: UInt8, CaseIterable, Sendable {
    case ipv4 = 4
    case ipv6 = 6

    /// The family with this version number; nil for any other than 4 and 6.
    @_noAllocation @_noLocks
    public init?(wire: UInt8) {
        switch wire {
        case 4: self = .ipv4
        case 6: self = .ipv6
        default: return nil
        }
    }

    /// Bits of an address: 32 or 128.
    public var bits: UInt8 {
        @_noAllocation @_noLocks get {
            switch self {
            case .ipv4: 32
            case .ipv6: 128
            }
        }
    }
}
