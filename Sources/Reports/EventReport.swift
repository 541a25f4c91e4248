public import FoundationEssentials

/// Something that happened: a record of the journal that has a MESSAGE_ID, as the API tells it.
public struct EventReport: Codable, Hashable, Sendable {
    /// Counts from 1 at the controlplane's start; a gap was forgotten, or dropped for a slow reader.
    public let id: UInt64

    /// When it was.
    public let at: Date

    /// What happened, such as `network-up`: a word of `JournalEvent`.
    public let event: String

    /// `debug`, `info`, `notice`, `warning` or `error`.
    public let level: String

    /// One sentence.
    public let text: String

    /// What it is about; empty: dvpn as a whole.
    public let networks: [String]

    /// The journal's other fields, by their names there in small letters without `DVPN_`.
    public let fields: [String: String]

    /// Takes the fields as they are.
    public init(
        id: UInt64, at: Date, event: String, level: String, text: String, networks: [String],
        fields: [String: String]
    ) {
        self.id = id
        self.at = at
        self.event = event
        self.level = level
        self.text = text
        self.networks = networks
        self.fields = fields
    }
}

/// An event that stands by itself, in the stream and as a line of `dvpnctl events --json`: its keys beside
/// `schema`.
public struct EventLine: Encodable, Sendable {
    private let event: EventReport

    /// The event as it is.
    public init(_ event: EventReport) { self.event = event }

    private enum CodingKeys: CodingKey { case schema }

    /// The event's keys and `schema` in one object.
    public func encode(to encoder: any Encoder) throws {
        try event.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(ReportSchema.version, forKey: .schema)
    }
}

/// `GET /v1/events`: what happened of late, the oldest first.
public struct EventsReport: Codable, Hashable, Sendable {
    /// See `ReportSchema`.
    public let schema: Int

    /// The oldest first.
    public let events: [EventReport]

    /// Takes the fields as they are.
    public init(events: [EventReport]) {
        schema = ReportSchema.version
        self.events = events
    }
}
