internal import Protocol

/// The domains whose names belong to a network.
enum DomainName {
    /// The reason against the text, and what was probably meant; nil where it is a domain.
    static func objection(to text: String) -> (message: String, hint: String?)? {
        if HostName.isValid(text) {
            guard canonical(text) == "localhost" else { return nil }
            return ("\"\(text)\" is every host's own name for itself", nil)
        }
        return ("\"\(text)\" is not a domain", hint(for: text))
    }

    /// The form in which domains are compared and handed on: names know no case.
    static func canonical(_ text: String) -> String { text.lowercased() }

    private static func hint(for text: String) -> String? {
        var bare = text[...]
        if bare.hasPrefix("*") { bare.removeFirst() }
        if bare.hasPrefix(".") { bare.removeFirst() }
        if bare.hasSuffix(".") { bare.removeLast() }
        if HostName.isValid(String(bare)) {
            return "write \"\(bare)\": every name below it is meant as well"
        }
        if Address.parse(String(text.prefix { $0 != "/" })) != nil {
            return "addresses belong in `prefixes`, and so do their names"
        }
        return text.utf8.allSatisfy { $0 < 0x80 } ? nil : "write it in ASCII, as in xn--mnchen-3ya"
    }
}
