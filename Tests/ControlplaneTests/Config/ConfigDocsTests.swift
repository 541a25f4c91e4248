import ArgumentParser
import Testing

@testable import controlplane

@Suite("Documentation of the configuration")
struct ConfigDocsTests {
    private static let root =
        #filePath.split(separator: "/").dropLast(4).map { "/\($0)" }.joined()

    @Test("has every key of every table")
    func keys() throws {
        let text = try document("docs/configuration.md")
        for schema in ConfigSchema.allCases {
            for key in schema.keys where !text.contains("`\(key)`") {
                // Tables are headers; where a secret is stands in an inline table.
                #expect(
                    text.contains("[network.\(key)]") || text.contains("[\(key)]")
                        || text.contains("[[\(key)]]") || text.contains("{ \(key) ="),
                    "\(key) \(schema.title) is not documented")
            }
        }
    }

    @Test("has every key in the manual, in the part of its table")
    func manual() throws {
        let page = try document("man/dvpn.toml.5")
        for schema in ConfigSchema.allCases {
            let part =
                switch schema {
                case .top: "Top level"
                case .limits: "[limits]\\&"
                case .dns: "[dns]\\&"
                case .web: "[web]\\&"
                case .network: "[[network]]\\&"
                case .map: "[[map]]\\&"
                case .forward: "[[forward]]\\&"
                case .dhcp: "[[dhcp]]\\&"
                case .filter: "[network.filter]\\&"
                case .ssh: "[network.ssh]\\&"
                case .vpnc: "[network.vpnc]\\&"
                case .openconnect: "[network.openconnect]\\&"
                case .command: "[network.command]\\&"
                case .secret: "Secrets"
                case .ready: ""
                }
            // Its two keys stand in the text of the key `ready`.
            if schema == .ready { continue }
            let text = try #require(page.components(between: ".Ss \(part)\n", and: "\n.S").first)
            let keys = text.components(between: ".It Cm ", and: "\n").flatMap {
                $0.split(separator: " , ").map(String.init)
            }
            #expect(keys.sorted() == schema.keys.sorted(), "\(part)")
        }
    }

    @Test("has every option in the manual, and no other")
    func options() throws {
        let page = try document("man/dvpn-controlplane.8")
        let help = Controlplane.helpMessage(columns: 10_000)
        let options = Set(help.matches(of: /(?m)^ +(?:-\w, )?-(-[a-z-]+)/).map { String($0.1) })
        #expect(options.contains("-config"))
        let told = page.matches(of: /(?m)^\.It Fl (-[a-z-]+)/).map { String($0.1) }
        #expect(told.sorted() == options.sorted())
        // Wherever else one is named: in the synopsis, in another one's text.
        let lines = page.split(separator: "\n").filter { $0.hasPrefix(".") && $0.contains("Fl ") }
        let named = lines.flatMap { $0.matches(of: /(?:^| )(-[a-z-]+)/).map { String($0.1) } }
        #expect(Set(named) == options)
        let synopsis = try #require(page.components(between: ".Sh SYNOPSIS\n", and: ".Sh ").first)
        for option in options { #expect(synopsis.contains(" \(option)"), "\(option)") }
    }

    @Test("has an example in the manual that works")
    func manualExample() throws {
        // It is tried with all others.
        #expect(!DocumentedExample.of("man/dvpn.toml.5").isEmpty)
    }

    @Test("shows an example of every key, in its table")
    func keysInExamples() throws {
        var shown: [ConfigSchema: Set<String>] = [:]
        func note(_ values: [String: ConfigValue], _ schema: ConfigSchema) {
            shown[schema, default: []].formUnion(values.keys)
            for (key, value) in values {
                guard let inner = Self.tables[key] else { continue }
                switch value {
                case .table(let values): note(values, inner)
                case .array(let elements):
                    for case .table(let values) in elements { note(values, inner) }
                default: break
                }
            }
        }
        for example in DocumentedExample.of("docs/configuration.md") {
            // A part of a network names it in its header, so that the walk is the same.
            let document = try ConfigDocument(ConfigText(file: example.page, text: example.text))
            note(document.root, .top)
        }
        for schema in ConfigSchema.allCases {
            let missing = Set(schema.keys).subtracting(shown[schema] ?? []).sorted()
            #expect(missing == [], "\(schema.title)")
        }
    }

    /// The table that a key's value is, or has in its list.
    private static let tables: [String: ConfigSchema] = [
        "limits": .limits, "dns": .dns, "web": .web, "network": .network, "map": .map,
        "forward": .forward, "dhcp": .dhcp, "filter": .filter, "ssh": .ssh, "vpnc": .vpnc,
        "openconnect": .openconnect, "command": .command, "ready": .ready, "token": .secret,
        "group-secret": .secret, "password": .secret,
    ]

    @Test("shows examples that work", arguments: DocumentedExample.all)
    func examples(_ example: DocumentedExample) {
        // A part of a network stands for itself.
        let text =
            example.text.hasPrefix("[network.")
            ? WrongFile.vpnc().replacing("[network.vpnc]", with: "\(example.text)\n[network.vpnc]")
            : example.text
        do throws(ConfigErrors) {
            _ = try ConfigParser.parse([ConfigText(file: example.page, text: text)])
        } catch {
            Issue.record("\(example.testDescription): \(error.report)")
        }
    }

    @Test("has its examples found on every page that has some")
    func pages() {
        let pages = Set(DocumentedExample.all.map(\.page))
        for page in ["README.md", "docs/configuration.md", "docs/tunnels.md"] {
            #expect(pages.contains(page))
        }
    }

    private func document(_ name: String) throws -> String {
        try #require(try ProcessFiles.text("\(Self.root)/\(name)"))
    }
}

extension String {
    /// Every text that stands between `start` and the next `end`.
    fileprivate func components(between start: String, and end: String) -> [String] {
        split(separator: start).dropFirst().compactMap { part in
            part.split(separator: end, omittingEmptySubsequences: false).first.map(String.init)
        }
    }
}
