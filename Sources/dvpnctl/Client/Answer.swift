internal import FoundationEssentials

/// A report, and the bytes that it came in.
struct Answer<Report> {
    let report: Report
    let data: Data
}
