internal import FoundationEssentials
internal import Reports

/// The page's tables. Pure.
enum PageTables {
    static func parked(_ model: PageModel) -> HTML {
        let shown = model.parked.prefix(PageModel.networksMax)
        let rows = shown.map { waiting -> HTML in
            let (from, to) = ends(waiting)
            // The packet itself is why it dials.
            let cause = waiting.first.map(waiting.reason.hasSuffix) == true ? nil : waiting.reason
            let why = waiting.asks.map { "asks for \($0)" } ?? cause
            return """
                <tr id="parked-\(waiting.network)"><td>\(waiting.network)</td>\
                <td>\(from)</td><td>\(to)</td>\
                <td>\(waiting.packets)</td><td>\(waiting.questions)</td>\
                <td>\(waiting.since.map { NetworkCard.age(model.now.timeIntervalSince($0)) } ?? "")</td>\
                <td>\(NetworkCard.age(Double(waiting.holdMs) / 1_000))</td>\
                <td>\(waiting.state.rawValue + (why.map { ": \($0)" } ?? ""))</td></tr>
                """
        }
        return section(
            "parked", "Waiting for a tunnel",
            ["Network", "From", "To", "Packets", "Names", "For", "At most", "Why"], rows,
            of: model.parked.count, empty: "Nothing waits.")
    }

    /// Of `tcp 192.0.2.7:40122 → 10.1.2.3:80`; and the names, whoever looks them up: mostly dnsmasq.
    private static func ends(_ waiting: ParkedReport.Network) -> (from: String, to: String) {
        let words = waiting.first?.split(separator: " ") ?? []
        guard words.count >= 4 else {
            let from = waiting.packets > 0 ? "not known" : ""
            return (from, waiting.names.joined(separator: ", "))
        }
        let target = words.dropLast(3).joined(separator: " ") + " \(words[words.count - 1])"
        return (String(words[words.count - 3]), ([target] + waiting.names).joined(separator: ", "))
    }

    static func connections(_ model: PageModel) -> HTML {
        let rows = model.connections.prefix(PageModel.connectionsMax).map { connection -> HTML in
            """
            <tr id="connection-\(connection.id)"><td>\(connection.network)</td>\
            <td>\(connection.source)</td><td>\(connection.target)</td>\
            <td>\(NetworkCard.age(Double(connection.ageMs) / 1_000))</td>\
            <td>\(NetworkCard.bytes(connection.bytesIn))</td>\
            <td>\(NetworkCard.bytes(connection.bytesOut))</td></tr>
            """
        }
        return section(
            "connections", "Connections", ["Network", "From", "To", "Age", "In", "Out"], rows,
            of: model.connections.count, empty: "None is open.")
    }

    static func events(_ model: PageModel) -> HTML {
        let rows = model.events.suffix(PageModel.eventsMax).reversed().map { event -> HTML in
            """
            <tr id="event-\(event.id)" class="\(event.level)"><td>\(Page.clock(event.at))</td>\
            <td>\(event.event)</td><td>\(event.text)</td></tr>
            """
        }
        return section(
            "events", "What happened", ["Time", "Event", "What"], rows, of: rows.count,
            empty: "Nothing yet.")
    }

    /// A table that a keyboard can scroll where it is wider than the screen.
    private static func section(
        _ id: String, _ title: String, _ heads: [String], _ rows: [HTML], of count: Int,
        empty: String
    ) -> HTML {
        let rest = count - rows.count
        let more: HTML = rest > 0 ? "<p class=\"rest\">\(rest) more are not shown.</p>" : .empty
        let table: HTML =
            rows.isEmpty
            ? "<p class=\"rest\">\(empty)</p>"
            : """
            <div class="wide" tabindex="0" role="region" aria-labelledby="\(id)"><table>
            <thead><tr>\(HTML.joined(heads.map { "<th scope=\"col\">\($0)</th>" }))</tr></thead>
            <tbody>\(HTML.joined(rows))</tbody></table></div>\(more)
            """
        return """
            <section id="part-\(id)" aria-labelledby="\(id)" class="\(rows.isEmpty ? "empty" : "full")"><h2 id="\(id)" tabindex="-1">\(title)</h2>
            \(table)</section>
            """
    }
}
