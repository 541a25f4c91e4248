internal import Reports

/// What is in force, as the API tells it.
extension Supervisor {
    func configurationReport() async -> ConfigurationReport {
        ConfigurationReport(
            configuration, files: reader.files,
            released: releases.configured.networks.tables
                .filter { releases.since[$0.name] != nil })
    }
}
