import Protocol
import Testing

@testable import controlplane

@Suite("Forwards and their networks")
struct ForwardCheckTests {
    private static let text = """
        [[network]]
        name = "home"
        prefixes = ["10.1.2.0/24"]
        via = "ssh"
        gateway = "dvpn@203.0.113.7"
        [[network]]
        name = "near"
        prefixes = ["10.9.0.0/24"]
        via = "direct"
        """

    /// What is said of a forward to this host through this network.
    private static func check(_ target: String, _ network: String) throws -> ForwardSettings.Target
    {
        let text = """
            \(text)
            [[forward]]
            listen = "127.0.0.1:25"
            to = "\(target)"
            network = "\(network)"
            """
        var configuration = try ConfigParser.parse([ConfigText(file: "f", text: text)])
        try ForwardCheck.complete(&configuration) { name in
            name == "known" ? (Address(ipv4: 0x0a01_0219), .ipv4) : nil
        }
        return try #require(configuration.forwards.first).target
    }

    @Test("a name of the map is an address, another one the far side's to look up")
    func names() throws {
        #expect(try Self.check("known:25", "home") == .address(Address(ipv4: 0x0a01_0219), .ipv4))
        #expect(try Self.check("mail.home:25", "home") == .name("mail.home"))
        #expect(try Self.check("[::1]:25", "near") == .address(Address(high: 0, low: 1), .ipv6))
    }

    @Test("a network that is not there, or in which nobody looks names up")
    func refusals() {
        #expect {
            _ = try Self.check("10.1.2.3:25", "hme")
        } throws: {
            "\($0)" == "f:13:11: error: there is no network \"hme\"; did you mean \"home\"?"
        }
        #expect {
            _ = try Self.check("mail.home:25", "near")
        } throws: {
            "\($0)".hasPrefix("f:12:6: error: nobody in network \"near\" looks \"mail.home\" up; ")
        }
    }

    @Test("a forward has the same number wherever it stands")
    func numbers() throws {
        let text = "[[forward]]\nlisten = \"127.0.0.1:25\"\nto = \"a:1\"\nnetwork = \"n\"\n"
        let one = try ConfigParser.parse([ConfigText(file: "a", text: text)]).forwards[0]
        let other = try ConfigParser.parse([ConfigText(file: "b", text: "\n" + text)]).forwards[0]
        #expect(one.id == other.id && one.isSame(as: other) && one != other)
    }
}
