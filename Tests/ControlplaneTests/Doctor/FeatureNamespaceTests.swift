import Testing

@testable import controlplane

/// Probes that change nothing, on a real kernel.
extension HostInNamespaceTests {
    @Test(
        "what dvpn needs of the kernel is there, all and each by itself, and asking leaves nothing")
    func features() async throws {
        let before = try await Namespace.snapshot()
        let host = LinuxHost()
        for feature in await FeatureSurvey(host: host).features() {
            #expect(feature.state == .there, "\(feature.name)")
        }
        for feature in NftFeature.all {
            let script = NftFeature.table + feature.script
            _ = try await host.run(.nft, ["--check", "-f", "-"], input: script)
        }
        #expect(try await Namespace.snapshot() == before)
    }
}

@Suite struct FeatureSurveyTests {
    @Test func `where nftables can do nothing that is said once`() async {
        let host = ScriptedHost(failing: "nft --check")
        let missing = await FeatureSurvey(host: host).features().filter { $0.state != .there }
        #expect(missing.map(\.name) == ["nftables"])
        #expect(host.log.count == 1 + NftFeature.all.count)
        #expect(host.log.allSatisfy { $0.hasPrefix("nft --check -f -") })
    }
}
