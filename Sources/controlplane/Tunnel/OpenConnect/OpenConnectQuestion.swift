/// What openconnect waits for on its standard input, by what it has printed. Pure.
///
/// The password it gives by itself to the first field that wants one, without a prompt. Whatever it
/// prompts for is more: another proof, such as a code, or the password again, since it was refused.
/// Only the gateway's words tell these apart. Another proof that is taken for a refusal locks the
/// network, and somebody looks; but a refusal that is taken for another proof would be followed by
/// the same wrong password at the next dial. So only what names another proof, is new and complains
/// about nothing is a further question.
enum OpenConnectQuestion: Equatable, Sendable {
    /// Another proof is wanted, in these words of the gateway, which are fit for a screen.
    case further(String)
    /// The same again, or what dvpn has no answer to.
    case other

    /// Of the gateway's words no more is shown, in characters.
    static let wordsMax = 300

    /// nil while it waits for nothing: its own lines are whole, a prompt is not.
    init?(log: String) {
        guard let last = log.last, !last.isNewline else { return nil }
        self.init(lines: OutputRule.lines(log))
    }

    /// The question whose missing answer has ended the dial; nil where that was not so.
    init?(unansweredIn log: String) {
        let lines = OutputRule.lines(log)
        guard let end = lines.lastIndex(where: { $0.contains("User input required") }) else {
            return nil
        }
        var asked = Array(lines[..<end])
        // In place of an answer, on a line of its own or behind the prompt.
        if let prompt = asked.popLast(), prompt.hasSuffix("***"), prompt != "***" {
            asked.append(String(prompt.dropLast(3)))
        }
        self.init(lines: asked)
    }

    private init?(lines: [String]) {
        let start = lines.lastIndex(where: Self.isOwn).map { $0 + 1 } ?? 0
        let form = lines[start...]
        guard let label = form.last else { return nil }
        let (message, earlier) = (form.dropLast(), lines[..<start])
        let complains = form.contains { line in
            let line = line.lowercased()
            return Self.complaints.contains { line.contains($0) }
        }
        let isLabelNew = !earlier.contains { $0.hasPrefix(label) }
        let isNew =
            message.contains { !earlier.contains($0) } || isLabelNew && Self.namesProof(label)
        guard !complains, isNew, form.contains(where: Self.namesProof) else {
            self = .other
            return
        }
        self = .further(Self.shown(form.joined(separator: " ")))
    }

    /// Whether openconnect itself says that, between two forms. What it says of a request may stand
    /// behind a prompt whose answer was not echoed.
    private static func isOwn(_ line: String) -> Bool {
        line.contains("POST https://") || line.contains("GET https://")
            || [
                "Connected to ", "SSL negotiation with ", "XML POST enabled", "Got ", "Unexpected ",
                "Server certificate ", "Server '", "Attempting to connect",
            ].contains { line.hasPrefix($0) }
    }

    private static let complaints = [
        "fail", "wrong", "incorrect", "invalid", "denied", "reject", "refused", "again", "expired",
        "locked", "unsuccessful", "error", "not accepted", "not valid", "not correct", "not match",
        "not recogni", "bad ", "mismatch", "unknown", "disabled", "sorry", "unable", "cannot",
    ]

    private static func namesProof(_ line: String) -> Bool {
        let words = line.lowercased().split { !$0.isLetter && !$0.isNumber }
        return words.contains("one") && words.contains("time")
            || words.contains {
                proofs.contains($0) || $0.hasSuffix("code") || $0.hasSuffix("codes")
            }
    }

    private static let proofs: Set<Substring> = [
        "2fa", "answer", "authenticator", "challenge", "codice", "código", "duo", "factor", "hotp",
        "mfa", "otp", "pin", "response", "second", "secondary", "securid", "sms", "tan", "token",
        "totp", "verification",
    ]

    /// Nothing in it is an order to a terminal, ends the quotation or pretends to be another line.
    private static func shown(_ words: String) -> String {
        let scalars = words.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                " "
            default:
                scalar == "\"" ? "'" : scalar
            }
        }
        let text = String(String.UnicodeScalarView(scalars)).split(separator: " ")
            .joined(separator: " ")
        return text.count > wordsMax ? "\(text.prefix(wordsMax))…" : text
    }
}
