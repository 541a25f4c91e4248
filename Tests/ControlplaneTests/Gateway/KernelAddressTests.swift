import Glibc
import Protocol
import Testing

@testable import controlplane

@Suite("Addresses for the kernel")
struct KernelAddressTests {
    @Test(
        "an address and a port come out as they went in",
        arguments: ["10.66.0.10", "203.0.113.7", "fd00:66::10", "2001:db8:1:2:3:4:5:6"])
    func bothWays(_ text: String) throws {
        let (address, family) = try #require(Address.parse(text))
        var kernel = KernelAddress(address, family, port: 53)
        var host = [CChar](repeating: 0, count: 64)
        var port = [CChar](repeating: 0, count: 8)
        let code = kernel.withPointer { pointer, length in
            getnameinfo(pointer, length, &host, 64, &port, 8, NI_NUMERICHOST | NI_NUMERICSERV)
        }
        #expect(code == 0)
        #expect(host.prefix { $0 != 0 } == ArraySlice(text.utf8.map(CChar.init)))
        #expect(port.prefix { $0 != 0 } == ArraySlice("53".utf8.map(CChar.init)))
    }
}
