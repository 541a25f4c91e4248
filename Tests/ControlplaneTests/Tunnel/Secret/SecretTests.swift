import Glibc
import Testing

@testable import controlplane

extension SecretValue {
    /// As a test writes it.
    init(_ text: String) { self.init(Array(text.utf8)) }
}

@Suite("secrets")
struct SecretTests {
    @Test("SHA-256, by the examples of FIPS 180-4 and around the block's edge")
    func digest() {
        func hex(_ text: String) -> String {
            SHA256.digest(Array(text.utf8)).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
        }
        #expect(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            hex(String(repeating: "a", count: 1_000))
                == "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3")
    }

    @Test("a digest stays over lives, tells secrets apart and is another one on another host")
    func stable() throws {
        let directory = TestDirectory()
        let first = try SecretDigest(stateDirectory: directory.path).of(SecretValue("one"))
        #expect(try SecretDigest(stateDirectory: directory.path).of(SecretValue("one")) == first)
        #expect(try SecretDigest(stateDirectory: directory.path).of(SecretValue("two")) != first)
        let other = TestDirectory()
        #expect(try SecretDigest(stateDirectory: other.path).of(SecretValue("one")) != first)
        #expect(first.utf8.count == 64)
        var status = stat()
        #expect(unsafe stat(directory.path("secret-salt"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test("a secret has no words")
    func silent() {
        let value = SecretValue("xyzzy")
        var dumped = ""
        dump(value, to: &dumped)
        for text in ["\(value)", String(reflecting: value), dumped] {
            #expect(!text.contains("xyzzy") && !text.contains("120"))
        }
    }

    @Test(
        "a line break at the end is none of the secret's, all else is",
        arguments: [
            ("secret", "secret"), ("secret\n", "secret"), ("secret\r\n", "secret"),
            ("secret\n\n", "secret\n"), (" se cret \n", " se cret "), ("\n", ""),
        ])
    func lines(_ line: String, _ value: String) {
        #expect(SecretValue(line: Array(line.utf8)) == SecretValue(value))
    }

    @Test("whose file it may be, and who may read it")
    func modes() {
        func defect(_ owner: UInt32, _ mode: UInt32, _ isRegular: Bool = true) -> String? {
            SecretFile(owner: owner, mode: mode, isRegular: isRegular).defect("/s", us: 77)?.message
        }
        for (owner, mode) in [(0, 0o600), (0, 0o400), (77, 0o600), (0, 0o700)] as [(UInt32, UInt32)]
        {
            #expect(defect(owner, mode) == nil)
        }
        for mode in [0o640, 0o604, 0o620, 0o660, 0o644, 0o601] as [UInt32] {
            #expect(defect(0, mode)?.contains("chmod 600") == true, "\(mode)")
        }
        #expect(defect(78, 0o600)?.contains("chown root") == true)
        #expect(defect(0, 0o600, false)?.contains("is not a file") == true)
    }

    @Test("files are read or refused, each with its reason")
    func files() throws {
        let directory = TestDirectory()
        let reader = SecretReader(credentialsDirectory: nil)
        func read(_ name: String) throws(Failure) -> SecretValue? {
            try reader.read(
                SecretRequest(secret: .file(directory.path(name)), purpose: "password of alice"))
        }
        func refusal(_ name: String) -> String? {
            do throws(Failure) {
                _ = try read(name)
                return nil
            } catch {
                #expect(!error.locks)
                return error.message
            }
        }
        directory.write("good", "xauth-Secret-1\n", mode: 0o600)
        #expect(try read("good") == SecretValue("xauth-Secret-1"))
        // Not everybody's password is UTF-8.
        try AtomicFile.write(
            [0xe9, 0x0a], to: directory.path("latin"), mode: 0o600, durable: false)
        #expect(try read("latin") == SecretValue([0xe9]))
        directory.write("open", "x", mode: 0o644)
        #expect(refusal("open")?.contains("chmod 600") == true)
        directory.write("empty", "\n", mode: 0o600)
        #expect(refusal("empty")?.contains("is empty") == true)
        directory.write("long", String(repeating: "x", count: 2_000), mode: 0o600)
        #expect(refusal("long")?.contains("longer than 1024") == true)
        #expect(refusal("none")?.contains("is to hold the password of alice, is not there") == true)
        let none = directory.path("none")
        #expect(reader.absence(of: .file(none)) == "\(none) is not there")
        #expect(reader.absence(of: .file(directory.path("good"))) == nil)
        directory.makeDirectory("folder")
        #expect(refusal("folder")?.contains("is not a file") == true)
        #expect(unsafe mkfifo(directory.path("pipe"), 0o600) == 0)
        #expect(refusal("pipe")?.contains("is not a file") == true)
    }

    @Test(
        "credentials come from systemd's directory, whatever their mode; asked ones have no place")
    func credentials() throws {
        let directory = TestDirectory()
        directory.write("work.group", "group-Secret-1", mode: 0o440)
        let request = SecretRequest(secret: .credential("work.group"), purpose: "group secret")
        let reader = SecretReader(credentialsDirectory: directory.path)
        #expect(try reader.read(request) == SecretValue("group-Secret-1"))
        #expect(reader.absence(of: request.secret) == nil && reader.absence(of: .ask) == nil)
        let other = SecretRequest(secret: .credential("work.password"), purpose: "password")
        for (reader, request) in [
            (SecretReader(credentialsDirectory: nil), request), (reader, other),
        ] {
            #expect(reader.absence(of: request.secret)?.contains("LoadCredential=") == true)
            let failure = #expect(throws: Failure.self) { try reader.read(request) }
            #expect(failure?.message.contains("\(request.secret), which is to be the") == true)
        }
        #expect(try reader.read(SecretRequest(secret: .ask, purpose: "x")) == nil)
    }

    @Test("the first answer counts, and no answer ends the wait")
    func question() async {
        let question = SecretQuestion()
        question.answer(SecretValue("one"))
        question.answer(SecretValue("two"))
        #expect(await question.wait(.seconds(10), agents: nil) == .value(SecretValue("one")))
        #expect(await SecretQuestion().wait(.milliseconds(10), agents: nil) == nil)
        for isEmpty in [true, false] {
            let refused = SecretQuestion()
            if isEmpty { refused.answer(SecretValue([])) } else { refused.refuse() }
            refused.answer(SecretValue("late"))
            #expect(await refused.wait(.seconds(10), agents: nil) == .refused)
        }
        let waiting = Task { await SecretQuestion().wait(.seconds(60), agents: nil) }
        waiting.cancel()
        #expect(await waiting.value == nil)
    }

    @Test(
        "what systemd-ask-password says",
        arguments: [
            (ProcessExit.status(0), "secret\n", SecretQuestion.Answer.value(SecretValue("secret"))),
            (.status(0), "a warning\nsecret\n", .value(SecretValue("secret"))),
            (.status(0), "\n", .refused),
            (.status(1), "Failed to query password: Operation canceled\n", .refused),
            (.status(1), "Failed to query password: Timer expired\n", nil),
            (.status(0), "", nil),
            (nil, "", nil),
        ] as [(ProcessExit?, String, SecretQuestion.Answer?)])
    func agent(exit: ProcessExit?, text: String, meaning: SecretQuestion.Answer?) {
        #expect(AgentPrompt.answer(exit, text) == meaning)
    }
}
