import ArgumentParser
import Testing

@testable import dvpnctl

@Suite struct ExplainCommandTests {
    @Test(arguments: [
        "git.corp.example:22", "10.1.2.3:22", "[fd00::1]:22", "h:ssh", "http://10.1.2.3/",
    ])
    func `a connection is made to a port`(name: String) throws {
        #expect(try ExplainCommand.parse([name, "--try"]).tries)
    }

    @Test(arguments: [
        "git.corp.example", "10.1.2.3", "fd00::1", "[fd00::1]", "git.corp.example:", "h:0",
        "h:65536",
    ])
    func `without one nothing can be tried, which is wrong usage`(name: String) throws {
        do {
            _ = try ExplainCommand.parse([name, "--try"])
            Issue.record("\(name) was taken")
        } catch {
            #expect(ExplainCommand.exitCode(for: error).rawValue == ExitStatus.usage.rawValue)
            #expect(ExplainCommand.message(for: error).contains("git.corp.example:22"))
        }
    }

    @Test func `without --try no port is needed`() throws {
        #expect(try ExplainCommand.parse(["git.corp.example"]).tries == false)
    }
}
