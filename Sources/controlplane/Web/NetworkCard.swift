internal import FoundationEssentials
internal import Reports

/// One network on the page: its state, why, what comes next, and what can be done. Pure.
enum NetworkCard {
    static func html(_ network: NetworkReport, _ now: Date) -> HTML {
        """
        <li class="network \(network.state.rawValue)" id="network-\(network.name)" \
        data-network="\(network.name)" data-in="\(network.bytesIn ?? 0)" data-out="\(network.bytesOut ?? 0)">
        <div class="head"><h3 tabindex="-1">\(network.name)</h3> \
        <span class="state">\(network.state.rawValue)</span> \
        <span class="age">for \(age(now.timeIntervalSince(network.since)))</span></div>
        <p class="reason">\(reason(network))</p>
        \(question(network))
        <dl>\(facts(network, now))</dl>
        <div class="plot" data-kept hidden></div>
        \(actions(network))
        </li>
        """
    }

    private static func facts(_ network: NetworkReport, _ now: Date) -> HTML {
        var facts: [HTML] = []
        func add(_ name: String, _ value: HTML?) {
            if let value { facts.append("<div><dt>\(name)</dt><dd>\(value)</dd></div>") }
        }
        add("closes in", network.idleClosesAt.map { "\(age($0.timeIntervalSince(now)))" })
        add("refuses packets for", network.nextRetry.map { "\(age($0.timeIntervalSince(now)))" })
        add("last failure", isStuck(network) ? nil : network.lastError.map { "\($0.text)" })
        add("gateway", network.gateway.map { "\($0) (\(network.via))" })
        let listed = network.prefixes.prefix(4).joined(separator: " ")
        let more = network.prefixes.count > 4 ? " and \(network.prefixes.count - 4) more" : ""
        add("prefixes", "\(listed + more)")
        add("address", network.address.map { "\($0)" })
        let counts = network.connections
        let parts = [
            (counts.open, "open"), (counts.opening, "opening"), (counts.parked, "waiting"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        add("connections", parts.isEmpty ? nil : "\(parts.joined(separator: ", "))")
        if let bytesIn = network.bytesIn, let bytesOut = network.bytesOut, bytesIn + bytesOut > 0 {
            add("carried", "\(bytes(bytesIn)) in, \(bytes(bytesOut)) out")
        }
        add("kept up by", network.keptUpBy.map { "\($0)" })
        return HTML.joined(facts)
    }

    private static func isStuck(_ network: NetworkReport) -> Bool {
        network.state == .holdoff || network.state == .locked
    }

    /// Of one that has failed the failure, which came before what made the state.
    private static func reason(_ network: NetworkReport) -> String {
        isStuck(network) ? network.lastError?.text ?? network.reason : network.reason
    }

    private static func question(_ network: NetworkReport) -> HTML {
        guard let asks = network.asks else { return .empty }
        let path = "\(PagePath.networks)/\(network.name)"
        let id = "secret-\(network.name)"
        return """
            <form class="question" id="question-\(network.name)" method="post" action="\(path)/\(PagePath.secret)">
            <label for="\(id)">\(network.name) asks for \(asks)</label>
            <input id="\(id)" name="\(PagePath.secret)" type="password" \
            autocomplete="off" required> <button id="\(id)-answer">Answer</button> \
            <button id="refuse-\(network.name)" formaction="\(path)/\(APIPath.Verb.refuse.rawValue)" formnovalidate \
            aria-label="Refuse: \(network.name)">Refuse</button>
            </form>
            """
    }

    private static func actions(_ network: NetworkReport) -> HTML {
        let verbs: [APIPath.Verb] =
            switch network.state {
            case .routed: []
            case .released: [.resume]
            case .locked: [.unlock, .release]
            case .idle, .holdoff: [.up, .release]
            case .dialling, .up, .draining, .cleaning: [.down, .release]
            }
        guard !verbs.isEmpty else { return .empty }
        let forms = verbs.map { verb -> HTML in
            let word = verb.rawValue.prefix(1).uppercased() + verb.rawValue.dropFirst()
            // Each has a name of its own: it must never become another one under a finger.
            let id = "\(verb.rawValue)-\(network.name)"
            return """
                <form id="do-\(id)" method="post" action="\(PagePath.networks)/\(network.name)/\(verb.rawValue)">\
                <button id="\(id)" aria-label="\(word): \(network.name)" title="\(meaning(verb))">\(word)</button></form>
                """
        }
        return "<div class=\"actions\">\(HTML.joined(forms))</div>"
    }

    private static func meaning(_ verb: APIPath.Verb) -> String {
        switch verb {
        case .up: "Dial now"
        case .down: "Close the tunnel, and dial no more before Up"
        case .unlock: "Let it be dialled again"
        case .release: "Take it from this host: the host's own routes lead there, as in the office"
        case .resume: "Take it back"
        case .refuse: "Nobody will answer"
        }
    }

    /// A time in the one or two units that matter.
    static func age(_ seconds: Double) -> String {
        let seconds = max(0, Int(seconds.rounded()))
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3_600: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: return "\(seconds / 3_600) h \(seconds / 60 % 60) min"
        default: return "\(seconds / 86_400) d \(seconds / 3_600 % 24) h"
        }
    }

    /// Bytes with three digits and a unit of 1,000.
    static func bytes(_ count: UInt64) -> String {
        var value = Double(count)
        for unit in ["B", "kB", "MB", "GB", "TB"] {
            if value < 999.5 || unit == "TB" {
                let digits = unit == "B" || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
                return "\(rounded(value, digits)) \(unit)"
            }
            value /= 1_000
        }
        return "\(count) B"
    }

    private static func rounded(_ value: Double, _ digits: Int) -> String {
        let scale = [1, 10, 100][digits]
        let whole = Int((value * Double(scale)).rounded())
        guard digits > 0 else { return "\(whole)" }
        let rest = String(whole % scale)
        return "\(whole / scale)." + String(repeating: "0", count: digits - rest.count) + rest
    }
}
