/// The promise behind `"schema"`: within one number, keys are only added, never renamed, never
/// removed, and none changes its type or meaning. A reader must ignore keys that it does not know.
public enum ReportSchema {
    /// The number in every report's `"schema"`.
    public static let version = 1
}
