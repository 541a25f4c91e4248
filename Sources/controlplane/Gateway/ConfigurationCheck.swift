internal import FoundationEssentials
internal import Reports

/// What the configuration's files say against what is in force, as they were at one moment.
struct ConfigurationCheck: Sendable {
    /// When they were looked at.
    let at: Date

    /// What a reload would change, or what is wrong with the files; nil where they are others than
    /// in force, and too large to be looked at unasked.
    let result: Result<ReloadReport, ConfigErrors>?

    /// The files that were read; empty where it does not matter.
    var files = FileStates()
}

extension ConfigurationCheck {
    /// What is parsed unasked. The TOML library keeps some twenty times of it for ever
    /// (`ConfigReader.read`): of the largest configuration that would be 150 MB for each version.
    static let bytesMax = 256 << 10

    /// Reads the files; those that are as the reader knows them cost little.
    ///
    /// - Parameters:
    ///   - reader: a copy: what is read here does not come into force.
    ///   - configuration: what is in force.
    ///   - bytesMax: how much is parsed at most.
    init(
        _ reader: ConfigReader, _ releases: Releases, _ pushed: PushedStore,
        against configuration: Configuration, bytesMax: Int
    ) {
        var (reader, released) = (reader, releases)
        at = Date()
        // Before they are read: what is written meanwhile is another version.
        files.note(reader.sources)
        guard reader.bytesToParse <= bytesMax else {
            result = nil
            return
        }
        do throws(ConfigErrors) {
            released.configured = try reader.read()
            released.endAll()
            let new = pushed.extend(released.rest)
            result = .success(ReloadReport(ConfigDiff(from: configuration, to: new)))
        } catch {
            result = .failure(error)
        }
        // Maps of which nobody knew before.
        files.note(reader.sources)
    }
}
