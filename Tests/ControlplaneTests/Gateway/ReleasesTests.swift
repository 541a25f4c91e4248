import Reports
import Testing

@testable import controlplane

@Suite struct ReleasesTests {
    private static let text = """
        [[network]]
        name = "a"
        prefixes = ["10.5.0.0/16"]
        via = "command"
        [network.command]
        start = ["/bin/vpn", "--password", "hunter2"]
        stop = ["/bin/vpn", "--end", "hunter2"]
        [[network]]
        name = "b"
        prefixes = ["10.8.0.0/16"]
        via = "direct"
        [[map]]
        file = "HOSTS"
        [map.ssh]
        identity = "/k"
        known-hosts = "/h"
        """

    private static func configured(_ place: TestDirectory) throws -> Configuration {
        place.write("hosts", "10.1.1.1 one #!192.0.2.1\n10.1.2.1 two #!192.0.2.1\n")
        place.write("dvpn.toml", text.replacing("HOSTS", with: place.path("hosts")))
        var reader = ConfigReader(ConfigLoader(file: place.path("dvpn.toml")))
        return try reader.read()
    }

    @Test func `what is released is configured and not in force, of tables and of maps`() throws {
        let place = TestDirectory()
        let all = try Self.configured(place)
        let line = try #require(all.networks.last?.name)
        var releases = Releases(all, runtime: place.path)
        #expect(releases.isEmpty && releases.rest == all)
        try releases.set("b", isReleased: true)
        try releases.set(line, isReleased: true)
        #expect(
            releases.rest.networks.names == all.networks.names.filter { $0 != "b" && $0 != line })
        #expect(releases.network("b")?.name == "b" && releases.network("a") == nil)
        #expect(ConfigDiff(from: all, to: releases.rest).removed.map(\.name) == ["b", line])
        #expect(ConfigDiff(from: releases.rest, to: all).added.map(\.name) == ["b", line])
        // The next controlplane knows it.
        #expect(Releases(all, runtime: place.path).rest == releases.rest)
        try releases.set(line, isReleased: false)
        #expect(releases.rest.networks.names == all.networks.names.filter { $0 != "b" })
        releases.endAll()
        #expect(releases.rest == all)
        // A reload that fails has not resumed anything.
        #expect(!Releases(all, runtime: place.path).isEmpty)
        try releases.save()
        #expect(Releases(all, runtime: place.path).isEmpty)
    }

    @Test func `a released line that vanishes and comes back is in force`() throws {
        let place = TestDirectory()
        let all = try Self.configured(place)
        let line = try #require(all.networks.last?.name)
        var releases = Releases(all, runtime: place.path)
        try releases.set("b", isReleased: true)
        try releases.set(line, isReleased: true)
        releases.configured.networks = all.networks.without([line])
        releases.forgetVanished()
        #expect(Set(releases.since.keys) == ["b"])
        try releases.save()
        releases.configured = all
        #expect(releases.rest.networks.names == all.networks.names.filter { $0 != "b" })
        #expect(Set(Releases(all, runtime: place.path).since.keys) == ["b"])
    }

    @Test func `the configuration is told without a command's arguments`() throws {
        let place = TestDirectory()
        let all = try Self.configured(place)
        let report = ConfigurationReport(all, files: ["f"], released: [])
        let json = String(decoding: try ReportCoding.encode(report), as: UTF8.self)
        #expect(!json.contains("hunter2"))
        #expect(report.networks.map(\.program) == ["/bin/vpn", nil])
        #expect(report.networks.map(\.via) == ["command", "direct"])
        #expect(report.maps.map(\.networks) == [2])
    }
}
