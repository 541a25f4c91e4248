internal import Reports

/// What the configuration's files would bring into force.
extension Supervisor {
    func changes() async throws(OperatorError) -> ReloadReport {
        guard let result = await examination(bytesMax: .max).value.result else {
            preconditionFailure("nothing is larger than that")
        }
        do throws(ConfigErrors) {
            return try result.get()
        } catch {
            throw OperatorError(
                .configuration, error.report, fix: "mend the file; a reload would change nothing")
        }
    }

    /// Asked again and again by whoever looks at the page: the files are read once for each version
    /// of them.
    func check() async -> ConfigurationCheck {
        if let known = checking {
            let found = await known.value
            if found.files.areCurrent { return found }
            if checking == known { checking = nil }
        }
        let task = checking ?? examination(bytesMax: ConfigurationCheck.bytesMax)
        checking = task
        return await task.value
    }

    /// Beside us: a large configuration takes its time, and demands must not wait for it.
    private func examination(bytesMax: Int) -> Task<ConfigurationCheck, Never> {
        Task.detached { [reader, releases, pushed, configuration] in
            ConfigurationCheck(
                reader, releases, pushed, against: configuration, bytesMax: bytesMax)
        }
    }
}
