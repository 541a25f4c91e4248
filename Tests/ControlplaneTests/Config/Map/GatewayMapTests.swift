import Protocol
import Testing

@testable import controlplane

@Suite("The gateway map")
struct GatewayMapTests {
    private static let tables = """
        [[map]]
        file = "%"
        [[network]]
        name = "thursday"
        prefixes = ["10.1.9.0/24"]
        via = "direct"

        """

    private func networks(_ reader: inout ConfigReader) throws -> [String] {
        try reader.read().networks.map { network in
            "\(network.name) \(network.prefixes[0].text) \(network.tunnel?.gateway ?? "-")"
        }
    }

    private func place(_ hosts: String, _ tables: String = tables) -> TestDirectory {
        let place = TestDirectory()
        place.write("dvpn.toml", tables.replacing("%", with: place.path("gateways")))
        place.write("gateways", hosts)
        return place
    }

    @Test("tables come first; a name that is taken gives way to the prefix")
    func merged() throws {
        let place = place(
            "10.1.2.3 monday #!gw\n10.1.3.3 thursday #!gw\n10.1.9.1 x #!gw\n10.1.4.3 monday #!gw bob\n"
        )
        var reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        #expect(
            try networks(&reader) == [
                "thursday 10.1.9.0/24 -", "monday 10.1.2.0/24 dvpn-gate@gw",
                "10-1-3-0-24 10.1.3.0/24 dvpn-gate@gw", "10-1-4-0-24 10.1.4.0/24 bob@gw",
            ])
        let notices = try reader.read().notices.map(\.description)
        #expect(
            notices == [
                "\(place.path("gateways")):3:1: notice: 10.1.9.0/24 is taken from "
                    + "\(place.path("dvpn.toml")):3:3, which comes first"
            ])
    }

    @Test("a changed line changes its network alone; a broken one changes nothing")
    func changed() throws {
        let place = place("10.1.2.3 a #!gw\n10.1.3.3 b #!gw\n")
        var reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        let before = try reader.read()
        place.write("gateways", "# new\n10.1.2.3 a #!gw\n10.1.3.3 b #!other\n")
        let diff = ConfigDiff(from: before, to: try reader.read())
        #expect(
            diff.changed.map(\.after.name) == ["b"] && diff.added.isEmpty && diff.removed.isEmpty)
        place.write("gateways", "10.1.2.3 a #!gw extra words\n")
        #expect(throws: ConfigErrors.self) { try reader.read() }
        place.write("gateways", "10.1.2.3 a #!gw\n10.1.3.3 b #!other\n")
        #expect(ConfigDiff(from: try reader.read(), to: try reader.read()).isEmpty)
    }

    @Test("networks of one gateway share a tunnel, whether a table or a map has them")
    func tunnels() throws {
        let place = place(
            "10.1.2.3 a #!gw\n10.1.3.3 b #!other\n10.1.4.3 c #!gw\n",
            """
            [[map]]
            file = "%"
            [[network]]
            name = "t"
            prefixes = ["10.2.0.0/16"]
            via = "ssh"
            gateway = "dvpn-gate@gw"
            """)
        var reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        let configuration = try reader.read()
        var numbers = NetworkNumbers()
        numbers.number(configuration.networks.names, limit: 100)
        let table = NetworkTable(configuration, numbers)
        func members(_ name: String) throws -> [String] {
            let key = try #require(table.id(of: name).flatMap { table.tunnel(of: $0) })
            return (table.members[key] ?? []).compactMap { table.network($0)?.name }
        }
        #expect(try members("t") == ["t", "a", "c"] && members("a") == ["t", "a", "c"])
        #expect(try members("b") == ["b"])
        let b = try #require(table.id(of: "b").flatMap { table.tunnel(of: $0) })
        #expect(configuration.networks.tunnels(to: ["other"]) == [b])
        #expect(configuration.networks.mapped(behind: ["gw", "x"]).map(\.name) == ["a", "c"])
    }

    @Test("what is compared is what a line says, not where it stands")
    func compared() throws {
        var generator = SystemRandomNumberGenerator()
        let place = place("")
        var reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        var lines = (0..<20).map { "10.2.\($0).3 n\($0) #!gw" }
        place.write("gateways", lines.joined(separator: "\n"))
        var before = try reader.read()
        for round in 0..<100 {
            switch Int.random(in: 0...3, using: &generator) {
            case 0: lines.shuffle(using: &generator)
            case 1: lines[Int.random(in: 0..<20)] = "10.3.\(round).1 r\(round) #!gw"
            case 2: lines[Int.random(in: 0..<20)] = "# nobody"
            default: lines[Int.random(in: 0..<20)] = "10.4.\(round).1 n7 #!gw\(round)"
            }
            place.write("gateways", lines.joined(separator: "\n"))
            let after = try reader.read()
            let diff = ConfigDiff(from: before, to: after)
            var plain = (before, after)
            plain.0.networks = Networks(Array(before.networks))
            plain.1.networks = Networks(Array(after.networks))
            let wanted = ConfigDiff(from: plain.0, to: plain.1)
            #expect(Set(diff.added) == Set(wanted.added))
            #expect(Set(diff.removed) == Set(wanted.removed))
            #expect(Set(diff.changed.map(\.after)) == Set(wanted.changed.map(\.after)))
            before = after
        }
    }

    @Test(
        "mistakes in [[map]]",
        arguments: [
            ("[[map]]\nuser = \"a b\"\nfile = \"/x\"", "\"a b\" is not a user name"),
            ("[[map]]", "missing key `file` in [[map]]"),
            ("[[map]]\nfile = \"x\"", "`file` must be an absolute path"),
            ("[[map]]\nfile = \"/x\"\nprefix4 = 33", "`prefix4` must be from 1 to 32, not 33"),
            (
                "[[map]]\nfile = \"/x\"\n[[map]]\nfile = \"/x\"",
                "/x is already a map at dvpn.toml:1:3"
            ),
            ("map = 1", "`map` must be an array of tables, not an integer"),
            ("[[map]]\nfile = \"/x\"\ngateway = \"gw\"", "unknown key `gateway` in [[map]]"),
        ])
    func wrong(_ text: String, _ message: String) throws {
        do throws(ConfigErrors) {
            _ = try ConfigParser.parse([ConfigText(file: "dvpn.toml", text: text)])
            Issue.record("parsed")
        } catch {
            #expect(error.errors.map(\.message) == [message])
        }
    }

    @Test("a map that is not there, and one that everybody may write")
    func unreadable() throws {
        let place = place("")
        place.write("dvpn.toml", "[[map]]\nfile = \"\(place.path("none"))\"\n")
        var reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        #expect(throws: ConfigErrors.self) { try reader.read() }
        place.write("none", "10.1.2.3 a #!gw", mode: 0o666)
        #expect(throws: ConfigErrors.self) { try reader.read() }
        place.write("none", "10.1.2.3 a #!gw", mode: 0o644)
        #expect(try networks(&reader) == ["a 10.1.2.0/24 dvpn-gate@gw"])
    }
}
