/// Why a link is closed: the peer sent something that no version of the protocol allows.
///
/// Nothing of a malformed frame is used, and nothing after it is read: where one frame ends and the
/// next begins can no longer be trusted.
public enum Malformation: UInt8, Sendable {
    /// The length field is below `Limits.frameLengthMin`.
    case frameTooShort
    /// The length field is above `Limits.frameLengthMax`.
    case frameTooLong
    /// The body does not follow its kind's layout: length, range, padding or order.
    case body
    /// The frame is well formed but may not come here: a second hello, a chunk without a begin.
    case outOfPlace

    /// The words for the log, without a memory allocation.
    public var reason: StaticString {
        @_noAllocation @_noLocks get {
            switch self {
            case .frameTooShort: "frame length below 8"
            case .frameTooLong: "frame length above 65536"
            case .body: "body does not follow its kind's layout"
            case .outOfPlace: "frame out of place"
            }
        }
    }
}
