import Testing

@testable import controlplane

@Suite("What is said about the host")
struct HostMessageTests {
    @Test(
        "kernel releases",
        arguments: [
            ("5.10.0-28-amd64", true), ("6.1.0-18-amd64", true), ("6.18.44", true), ("10.0", true),
            ("5.9.16", false), ("4.19.0-26-amd64", false), ("5.4.0-150-generic", false),
            ("5.10-rc1", true), ("unknown", false), ("", false),
        ])
    func kernel(_ release: String, _ isNewEnough: Bool) {
        #expect((KernelVersion.finding(release: release) == nil) == isNewEnough)
    }

    @Test(
        "complaints of tools",
        arguments: [
            (
                HostTool.ip, "RTNETLINK answers: Operation not permitted\n",
                HostError.Code.notPermitted
            ),
            (
                .nft,
                "Operation not permitted (you must be root)\nnetlink: Error: cache initialization "
                    + "failed: Operation not permitted\n", .notPermitted
            ),
            (
                .nft, "netlink: Error: cache initialization failed: Protocol not supported\n",
                .noNetfilter
            ),
            (
                .nft,
                "/dev/stdin:4:1-20: Error: Could not process rule: No such file or directory\n",
                .noNetfilter
            ),
            (.nft, "/dev/stdin:4:1-20: Error: syntax error, unexpected newline\n", .refused),
            (.ip, "Error: any valid prefix is expected rather than \"x\".\n", .refused),
        ])
    func complaint(_ tool: HostTool, _ words: String, _ code: HostError.Code) {
        let error = ToolComplaint.error(tool, ["-f", "-"], words)
        #expect(error.code == code)
        #expect(error.description.contains(tool.rawValue))
        #expect(!error.description.contains("\n"))
    }

    @Test("overlaps of this host's subnets with tunnelled prefixes, not with direct ones")
    func overlaps() throws {
        let links = try LinkListing.parse(
            """
            [{"ifname":"wan0","flags":[],"mtu":1500,"addr_info":[\
            {"family":"inet","local":"10.1.0.2","prefixlen":16,"scope":"global"},\
            {"family":"inet","local":"10.66.0.1","prefixlen":24,"scope":"global"}]}]
            """)
        let findings = Overlap.findings(
            [
                HostSamples.network(["10.1.2.0/24"]),
                HostSamples.network(["10.66.0.0/16"], .direct),
            ], links)
        #expect(findings.map(\.code) == [.subnetOverlap])
        #expect(findings[0].message.contains("10.1.0.0/16 on wan0"))
    }
}
