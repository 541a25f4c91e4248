import Protocol
import Testing

@testable import controlplane

@Suite("Hosts files as gateway maps")
struct HostsFileTests {
    static let settings = MapSettings(
        file: "/etc/dvpn/gateways", prefixLength4: 24, prefixLength6: 64, idleMs: 300_000,
        connect: .truthful,
        client: SSHClient(
            gateway: GatewayAddress(user: "dvpn", host: "", port: 22), identity: "/k",
            knownHosts: "/h", session: .shared, farEnd: .forward, connectionsPerMaster: 900),
        source: SourcePosition(file: "dvpn.toml", line: 1, column: 1))

    static func entries(_ text: String) throws(ConfigErrors) -> [MapEntry] {
        var file = HostsFile(settings: settings)
        _ = try file.take(Array(text.utf8))
        return Array(try file.entries())
    }

    static func line(_ entry: MapEntry) -> String {
        "\(entry.prefix.text) \(entry.name ?? "-") \(entry.gateway) \(entry.position.line):\(entry.position.column)"
    }

    @Test(
        "a line names a network and its gateway",
        arguments: [
            ("10.1.2.3 thursday #!203.0.113.7", "10.1.2.0/24 thursday dvpn@203.0.113.7 1:1"),
            (
                "  10.1.2.3\tThursday.home.example thu\t#! vpn.example:2222   bob # his",
                "10.1.2.0/24 thursday bob@vpn.example:2222 1:3"
            ),
            ("10.1.2.3 #!203.0.113.7", "10.1.2.0/24 - dvpn@203.0.113.7 1:1"),
            ("10.1.2.3 _x y #!203.0.113.7\r", "10.1.2.0/24 y dvpn@203.0.113.7 1:1"),
            (
                "fd00:1:2::3 sunday #![2001:db8::1]:22",
                "fd00:1:2::/64 sunday dvpn@[2001:db8::1] 1:1"
            ),
            ("fd00:1:2::3 sunday #!2001:db8::1 eve", "fd00:1:2::/64 sunday eve@[2001:db8::1] 1:1"),
            ("\u{FEFF}10.1.2.3 a #!gw", "10.1.2.0/24 a dvpn@gw 1:1"),
        ])
    func entry(_ text: String, _ wanted: String) throws {
        #expect(try Self.entries(text).map(Self.line) == [wanted])
    }

    @Test(
        "other lines are none of our business",
        arguments: [
            "", "\r", "# comment", "127.0.0.1 localhost", "absurd", "10.1.2.3 a # !gw",
            "#10.1.2.3 a #!gw", "10.1.2.3 a #x #!gw", "10.1.2.3 a #",
        ])
    func others(_ text: String) throws {
        #expect(try Self.entries(text) == [])
    }

    @Test(
        "a broken line is told by its place",
        arguments: [
            ("#!/bin/sh", "1:1: error: no address stands in front of `#!`"),
            ("10.1.2.3 a #!", "1:12: error: no gateway stands behind `#!`"),
            ("10.1.2.3 a #! # x", "1:12: error: no gateway stands behind `#!`"),
            ("10.1.2 a #!gw", "1:1: error: \"10.1.2\" is not an address"),
            ("\n10.1.2.3 a #!gw bob eve", "2:21: error: \"eve\" is one word too many"),
            ("10.1.2.3 a..b #!gw", "1:10: error: \"a..b\" is not a host name"),
            ("10.1.2.3 é #!gw", "1:10: error: \"é\" is not a host name"),
            ("10.1.2.3 é #!-gw", "1:12: error: \"-gw\" is neither a host name nor an address"),
            ("10.1.2.3 a #!gw:0", "1:12: error: the port must be from 1 to 65535"),
            ("10.1.2.3 a #!gw -x", "1:17: error: \"-x\" is not a user name"),
            ("10.1.2.3 a #!bob@gw", "1:14: error: the gateway \"bob@gw\" has a user in it"),
            ("127.1.2.3 a #!gw", "1:1: error: 127.1.2.0/24 lies in 127.0.0.0/8 (loopback)"),
            (
                "10.1.2.3 a #!gw\n10.1.2.4 b #!other",
                "2:14: error: 10.1.2.0/24 is already reached by dvpn@gw at /etc/dvpn/gateways:1:1"
            ),
        ])
    func wrong(_ text: String, _ wanted: String) throws {
        // A word stands at the column behind `#!`, or the mark itself.
        do throws(ConfigErrors) {
            let entries = try Self.entries(text)
            Issue.record("\(entries)")
        } catch {
            let line = error.errors[0].line
            #expect(line.contains(wanted.drop { $0 != "e" }), "\(line)")
            #expect(
                error.errors.count == 1
                    && error.errors[0].position.line == wanted.first!.wholeNumberValue)
        }
    }

    @Test("lines of one network agree, and all mistakes are told at once")
    func several() throws {
        let text = "10.1.2.3 a #!gw\n10.1.2.4 b #!gw dvpn\n10.1.3.4 c #!gw\n"
        #expect(
            try Self.entries(text).map(Self.line) == [
                "10.1.2.0/24 a dvpn@gw 1:1", "10.1.3.0/24 c dvpn@gw 3:1",
            ])
        #expect(throws: ConfigErrors.self) { try Self.entries("x y #!gw\n1 2 #!gw") }
        do throws(ConfigErrors) {
            _ = try Self.entries("x y #!gw\n1 2 #!gw")
        } catch {
            #expect(error.errors.map(\.position.line) == [1, 2])
            #expect(error.errors[0].excerpt == "x y #!gw")
        }
    }
}
