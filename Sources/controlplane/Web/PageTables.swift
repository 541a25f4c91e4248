internal import FoundationEssentials
internal import Reports

/// The page's tables. Pure.
enum PageTables {
    static func connections(_ model: PageModel) -> HTML {
        let shown = model.connections.prefix(PageModel.connectionsMax)
        guard !shown.isEmpty else { return .empty }
        let rows = shown.map { connection -> HTML in
            """
            <tr><td>\(connection.network)</td><td>\(connection.source)</td><td>\(connection.target)</td>\
            <td>\(NetworkCard.age(Double(connection.ageMs) / 1_000))</td>\
            <td>\(NetworkCard.bytes(connection.bytesIn))</td>\
            <td>\(NetworkCard.bytes(connection.bytesOut))</td></tr>
            """
        }
        let rest = model.connections.count - shown.count
        let more: HTML = rest > 0 ? "<p class=\"rest\">\(rest) more are not shown.</p>" : .empty
        return section(
            "connections", "Connections", ["Network", "From", "To", "Age", "In", "Out"], rows, more)
    }

    static func events(_ model: PageModel) -> HTML {
        guard !model.events.isEmpty else { return .empty }
        let rows = model.events.suffix(PageModel.eventsMax).reversed().map { event -> HTML in
            """
            <tr class="\(event.level)"><td>\(Page.clock(event.at))</td><td>\(event.event)</td>\
            <td>\(event.text)</td></tr>
            """
        }
        return section("events", "What happened", ["Time", "Event", "What"], rows, .empty)
    }

    /// A table that a keyboard can scroll where it is wider than the screen.
    private static func section(
        _ id: String, _ title: String, _ heads: [String], _ rows: [HTML], _ more: HTML
    ) -> HTML {
        """
        <section aria-labelledby="\(id)"><h2 id="\(id)">\(title)</h2>
        <div class="wide" tabindex="0" role="region" aria-labelledby="\(id)"><table>
        <thead><tr>\(HTML.joined(heads.map { "<th scope=\"col\">\($0)</th>" }))</tr></thead>
        <tbody>\(HTML.joined(rows))</tbody></table></div>\(more)</section>
        """
    }
}
