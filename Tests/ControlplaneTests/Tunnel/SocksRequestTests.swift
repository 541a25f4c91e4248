import Testing

@testable import controlplane

@Suite("what the dataplane asks a door for")
struct SocksRequestTests {
    private let four: [UInt8] = [5, 1, 0, 5, 1, 0, 1, 10, 1, 2, 3, 0, 80]
    private let six: [UInt8] =
        [5, 1, 0, 5, 1, 0, 4, 0xfd, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 1, 0xbb]

    @Test("an address and a port")
    func requests() throws {
        let request = try #require(SocksRequest(four))
        #expect(request.address == "10.1.2.3" && request.port == 80)
        let other = try #require(SocksRequest(six))
        #expect(other.address == "fd00:1:2::10" && other.port == 443)
        #expect(six.count <= SocksRequest.bytesMax)
    }

    @Test("and nothing else")
    func others() {
        for request in [four, six] {
            for count in request.indices { #expect(SocksRequest(Array(request[..<count])) == nil) }
            #expect(SocksRequest(request + [0]) == nil)
        }
        // By name, another command, another version.
        #expect(SocksRequest([5, 1, 0, 5, 1, 0, 3, 4, 0x68, 0x6f, 0x73, 0x74, 0]) == nil)
        #expect(SocksRequest([5, 1, 0, 5, 2, 0, 1, 10, 1, 2, 3, 0, 80]) == nil)
        #expect(SocksRequest([4, 1, 0, 5, 1, 0, 1, 10, 1, 2, 3, 0, 80]) == nil)
    }

    @Test("netcat is given two words that its jail lets pass")
    func command() throws {
        let paths = SSHPaths(runtime: "/run/dvpn", tunnel: "home", id: 1)
        let request = try #require(SocksRequest(six))
        #expect(
            SSHCommand.netcat(paths, gateway: "gw", request).suffix(4)
                == ["gw", "nc", "fd00:1:2::10", "443"])
    }

    @Test("a name, which netcat looks up, and nothing that a shell would take for more")
    func names() throws {
        func request(_ name: String) -> [UInt8] {
            [5, 1, 0, 5, 1, 0, 3, UInt8(name.utf8.count)] + Array(name.utf8) + [0, 25]
        }
        let found = try #require(SocksRequest(request("mail.home")))
        #expect(found.address == "mail.home" && found.port == 25)
        #expect(SocksRequest(request(String(repeating: "abcde.", count: 42) + "e")) != nil)
        for name in ["-e", "a;b", "a b", ""] { #expect(SocksRequest(request(name)) == nil) }
        #expect(SocksRequest(Array(request("mail.home").dropLast())) == nil)
    }
}
