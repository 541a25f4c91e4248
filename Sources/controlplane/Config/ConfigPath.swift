/// The way from the top of a TOML document to one value: `network[2].ssh.port`.
struct ConfigPath: Hashable, Sendable, CustomStringConvertible {
    /// One step of the way: into a table by key, or into an array by index from 0.
    enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    static let top = ConfigPath(steps: [])

    private(set) var steps: [Step]

    var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .key(let key): text += text.isEmpty ? key : ".\(key)"
            case .index(let index): text += "[\(index)]"
            }
        }
        return text
    }

    /// The table or array that this value is in; nil at the top.
    var parent: ConfigPath? {
        steps.isEmpty ? nil : ConfigPath(steps: Array(steps.dropLast()))
    }

    func appending(_ key: String) -> ConfigPath {
        ConfigPath(steps: steps + [.key(key)])
    }

    func appending(_ index: Int) -> ConfigPath {
        ConfigPath(steps: steps + [.index(index)])
    }
}
