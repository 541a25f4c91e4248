internal import FoundationEssentials
internal import Reports

/// What the configuration's files say against what is in force, as they were at one moment.
struct ConfigurationCheck: Sendable {
    /// When they were looked at.
    let at: Date

    /// What a reload would change, or what is wrong with the files.
    let result: Result<ReloadReport, ConfigErrors>

    /// The files that were read; empty where it does not matter.
    var files = FileStates()
}

extension ConfigurationCheck {
    /// Reads the files; those that are as the reader knows them cost little.
    ///
    /// - Parameters:
    ///   - reader: a copy: what is read here does not come into force.
    ///   - configuration: what is in force.
    init(
        _ reader: ConfigReader, _ releases: Releases, _ pushed: PushedStore,
        against configuration: Configuration
    ) {
        var (reader, released) = (reader, releases)
        at = Date()
        // Before they are read: what is written meanwhile is another version.
        files.note(reader.sources)
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
