/// Takes secrets out of texts that others have written: logs, complaints, command lines. Pure.
///
/// dvpn itself writes none into its log and its reports. Clients, scripts and gateways are not bound
/// by that, and a report is read by strangers.
enum Redaction {
    static let mark = "[redacted]"

    static func clean(_ text: String) -> String {
        var text = text
        // A key that may be anywhere in a log.
        text.replace(
            /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)/,
            with: mark)
        text.replace(/(:\/\/[^\s\/:@]+):[^\s\/@]+@/) { "\($0.1):\(mark)@" }
        text.replace(/(?i)\b(bearer|basic)\s+[A-Za-z0-9+\/=._~-]{8,}/) { "\($0.1) \(mark)" }
        // --key value
        text.replace(
            /(?i)(--[a-z-]*(?:pass(?:word|wd|phrase)?|secret|token|psk|cookie|otp|pin)\s+)[^\s"'\[]+/
        ) { "\($0.1)\(mark)" }
        // key = "value", key: value, "--key", "value". A table or a list that says
        // where a secret is stays, and so does a question that ends in a colon.
        text.replace(
            /(?i)((?:pass(?:word|wd|phrase)?|secret|token|psk|cookie|otp|pin)["']?(?:\s*[=:]\s*|["']\s*,\s*))(?:"[^"\n]*"|'[^'\n]*'|[^\s"'{\[,;]+)/
        ) { "\($0.1)\(mark)" }
        return text
    }
}
