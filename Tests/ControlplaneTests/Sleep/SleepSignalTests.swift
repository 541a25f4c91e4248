import Testing

@testable import controlplane

@Suite("The host's sleep")
struct SleepSignalTests {
    private func line(
        _ data: String, member: String = "PrepareForSleep", interface: String = "Manager"
    ) -> String {
        "{\"type\":\"signal\",\"sender\":\":1.3\",\"path\":\"/org/freedesktop/login1\","
            + "\"interface\":\"org.freedesktop.login1.\(interface)\",\"member\":\"\(member)\","
            + "\"payload\":{\"type\":\"b\",\"data\":[\(data)]}}"
    }

    @Test("what logind says of it")
    func lines() throws {
        #expect(SleepSignal(line("true"))?.goesToSleep == true)
        #expect(SleepSignal(line("false"))?.goesToSleep == false)
        for other in [
            line("true", member: "PrepareForShutdown"), line("true", interface: "Session"),
            line(""), line("\"true\""), line("true,true"), "", "{}",
            "Monitoring bus message stream.",
        ] {
            #expect(SleepSignal(other) == nil)
        }
    }
}
