public import FoundationEssentials

/// How reports become JSON and back: the one place that both ends share.
///
/// Keys are snake_case and sorted, so that equal reports are equal bytes. Times are RFC 3339 in UTC
/// with whole seconds. An absent value is an absent key, never null.
public enum ReportCoding {
    /// The report as one line of JSON.
    public static func encode(_ report: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(report)
    }

    /// The report in `data`.
    public static func decode<Report: Decodable>(_ type: Report.Type, from data: Data) throws
        -> Report
    {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: data)
    }
}
