import Testing

@testable import controlplane

/// What openconnect 9.01 has written when it waits, and what we take that for.
private struct Waiting: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let log: String
    let question: OpenConnectQuestion?

    init(_ name: String, _ question: OpenConnectQuestion?, _ log: String) {
        testDescription = name
        self.log = log
        self.question = question
    }
}

private let opening = """
    POST https://198.51.100.3/
    Connected to 198.51.100.3:443
    SSL negotiation with 198.51.100.3
    Server certificate verify failed: signer not found
    Connected to HTTPS on 198.51.100.3 with ciphersuite (TLS1.3)-(ECDHE-SECP256R1)-(AES-256-GCM)
    XML POST enabled

    """

/// With ocserv, up to what follows the password.
private let ocserv =
    opening + """
        Please enter your username.
        POST https://198.51.100.3/auth
        Please enter your password.
        POST https://198.51.100.3/auth

        """

private let waiting = [
    Waiting("nothing yet", nil, ""),
    Waiting("only its own lines", nil, ocserv),
    Waiting("a line of its own that is not whole yet", nil, ocserv + "Got CONNECT response: HTTP"),
    Waiting(
        "ocserv wants a code", .further("Please enter your OTP password. Password:"),
        ocserv + "Please enter your OTP password.\nPassword:"),
    Waiting(
        "ocserv refuses the password", .other,
        ocserv + "Login failed.\nPlease enter your password.\nPassword:"),
    Waiting(
        "the password again, without a word of complaint", .other,
        ocserv + "Please enter your password.\nPassword:"),
    Waiting("the password again, without a word", .other, ocserv + "Password:"),
    Waiting(
        "a refusal that names a code", .other,
        ocserv + "Login failed, check password and code.\nPassword:"),
    Waiting(
        "a refusal that names a token", .other,
        ocserv + "Your password or token is not valid.\nPassword:"),
    Waiting("a refusal of a PIN", .other, ocserv + "Bad PIN, sorry.\nPIN:"),
    Waiting(
        "a refusal in words that dvpn does not know", .other,
        ocserv + "Kennwort falsch.\nKennwort:"),
    Waiting(
        "the same code again, since it was wrong", .other,
        ocserv
            + """
            Please enter your OTP password.
            Password:
            POST https://198.51.100.3/auth
            Please enter your OTP password.
            Password:
            """),
    Waiting(
        "the same answer again, which is echoed", .other,
        ocserv + "Answer:POST https://198.51.100.3/auth\nAnswer:"),
    Waiting(
        "another code after the code",
        .further("Wait for the tokencode to change, then enter the new tokencode. Answer:"),
        ocserv
            + """
            Enter your passcode.
            Answer:POST https://198.51.100.3/auth
            Wait for the tokencode to change, then enter the new tokencode.
            Answer:
            """),
    Waiting(
        "Duo's choice",
        .further(
            "Please enter a passcode or select one of the following options: 1. Duo Push to XXX-1234 "
                + "2. SMS passcodes to XXX-1234 Response:"),
        ocserv
            + """
            Please enter a passcode or select one of the following options:

             1. Duo Push to XXX-1234
             2. SMS passcodes to XXX-1234
            Response:
            """),
    Waiting(
        "a second password in the password's own form",
        .further("Please enter your username and password. Second Password:"),
        opening + "Please enter your username and password.\nSecond Password:"),
    Waiting(
        "the same, where the form came twice",
        .further("Please enter your username and password. Second Password:"),
        opening
            + """
            Please enter your username and password.
            POST https://198.51.100.3/
            Please enter your username and password.
            Second Password:
            """),
    Waiting(
        "one-time, without another word", .further("Your one-time password:"),
        ocserv + "Your one-time password:"),
    Waiting(
        "GlobalProtect", .further("Enter PIN and token Challenge:"),
        ocserv + "Enter PIN and token\nChallenge: "),
    Waiting("a group, before the password", .other, opening + "GROUP: [Staff|Guests]:"),
    Waiting(
        "a new password", .other,
        ocserv + "The password is too old. Please enter the new password.\nPassword:"),
    Waiting("words that only look alike", .other, ocserv + "Spinning up, stay tuned.\nPassword:"),
    Waiting(
        "orders to a terminal, a quotation's end, another line",
        .further("Code ' [2J, because root wants it: abc"),
        ocserv + "Code \" \u{1B}[2J,\u{2028}because root\u{202E} wants it:\u{7}\tabc "),
    Waiting(
        "a long story", .further("code " + String(repeating: "x", count: 295) + "…"),
        ocserv + "code " + String(repeating: "x", count: 2_000)),
]

@Suite("openconnect's questions")
struct OpenConnectQuestionTests {
    @Test("while it waits", arguments: waiting)
    private func waits(_ one: Waiting) {
        #expect(OpenConnectQuestion(log: one.log) == one.question)
        // Whoever waits no more has gone on to a new line.
        #expect(OpenConnectQuestion(log: one.log + "\n") == nil)
    }

    @Test("after its input has ended, echoed or not", arguments: waiting)
    private func ended(_ one: Waiting) {
        guard let question = one.question else { return }
        for end in ["***", "\n***"] {
            let log = """
                \(one.log)\(end)
                User input required in non-interactive mode
                Failed to complete authentication

                """
            #expect(OpenConnectQuestion(unansweredIn: log) == question)
            let failure = OpenConnectOutput.failure(
                log: log, exit: .status(1), wasReady: false, gateway: "vpn.corp.example")
            // Who must not be asked with the same password again, and who may.
            #expect(failure.kind == (question == .other ? .authentication : .timedOut))
        }
    }

    @Test("a question is settled when two looks are alike, once")
    func settled() {
        var watch = ClientQuestionWatch()
        let looks = ["P", "Pass", "Pass", "Pass", "Pass", "Pass\nCode", "Pass\nCode", "Pass\nCode"]
        let settled = looks.map { watch.isSettled($0) }
        #expect(settled == [false, false, true, false, false, false, true, false])
    }

    @Test("a person is asked for what is new, and for nothing else")
    func person() {
        let program = OpenConnect(
            client: OpenConnectClient(
                host: "vpn.corp.example", device: "dv-work", username: "alice",
                password: .file("/p")))
        #expect(
            program.question(log: ocserv + "Please enter your OTP password.\nPassword:")
                == .person(
                    SecretRequest(
                        secret: .ask,
                        purpose: "answer of alice to \"Please enter your OTP password. Password:\" "
                            + "at vpn.corp.example")))
        #expect(program.question(log: ocserv + "Login failed.\nPassword:") == .nobody)
        #expect(program.question(log: ocserv) == nil)
    }
}
