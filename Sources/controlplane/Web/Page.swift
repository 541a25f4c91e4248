internal import FoundationEssentials
internal import Reports

/// The web page: complete without scripts, which only keep it fresh. Pure.
enum Page {
    static func document(_ model: PageModel) -> HTML {
        """
        <!doctype html>
        <html lang="en" data-events="\(eventNames)">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title(model))</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="\(PagePath.style)">
        <script src="\(PagePath.script)" defer></script>
        </head>
        <body>
        <header>
        <h1>dvpn</h1>
        <p class="about">Private networks whose tunnels come up when somebody needs them</p>
        <p id="live" role="status">As of \(clock(model.now)). <a href="\(PagePath.page)">Load again</a></p>
        </header>
        <main id="main">\(main(model))</main>
        </body>
        </html>

        """
    }

    /// What is replaced when something has happened.
    static func main(_ model: PageModel) -> HTML {
        """
        \(summary(model))
        \(health(model))
        \(networks(model))
        \(PageTables.parked(model))
        \(PageTables.connections(model))
        \(ConfigurationSection.html(model))
        \(PageTables.events(model))
        """
    }

    private static func networks(_ model: PageModel) -> HTML {
        let cards = HTML.joined(model.shown.map { NetworkCard.html($0, model.now) })
        return """
            <section id="part-networks" aria-labelledby="networks">
            <div class="top"><h2 id="networks" tabindex="-1">Networks</h2>\(search(model))</div>
            <ul class="networks">\(cards)</ul>
            \(hidden(model))
            </section>
            """
    }

    /// An EventSource hears only names that it was told.
    private static var eventNames: String {
        JournalEvent.allCases.filter(\.isRare).map(\.rawValue).joined(separator: " ")
    }

    private static func title(_ model: PageModel) -> String {
        let up = model.networks.count { $0.state == .up || $0.state == .draining }
        return model.isHealthy ? "dvpn: \(up) up" : "dvpn: look here"
    }

    private static func summary(_ model: PageModel) -> HTML {
        func count(_ states: [NetworkReport.State]) -> Int {
            model.networks.count { states.contains($0.state) }
        }
        let up = count([.up, .draining])
        let dialling = count([.dialling])
        let stuck = count([.holdoff, .locked])
        let open = model.networks.reduce(0) { $0 + $1.connections.open }
        let parked = model.networks.reduce(0) { $0 + $1.connections.parked }
        func tile(_ name: String, _ count: Int, _ kind: String = "") -> HTML {
            "<div class=\"\(count > 0 ? kind : "none")\"><dt>\(name)</dt><dd>\(count)</dd></div>"
        }
        let tiles = [
            tile("networks", model.networksAll), tile("up", up, "good"),
            tile("dialling", dialling, "busy"), tile("failed", stuck, "bad"),
            tile("connections", open), tile("waiting", parked, "busy"),
        ]
        return "<dl class=\"summary\">\(HTML.joined(tiles))</dl>"
    }

    private static func health(_ model: PageModel) -> HTML {
        guard !model.health.isEmpty else { return .empty }
        let messages = model.health.map { message -> HTML in
            let fix: HTML = message.fix.map { "<br><span class=\"fix\">\($0)</span>" } ?? .empty
            return """
                <li class="\(message.severity.rawValue)"><strong>\(message.severity.rawValue)</strong> \
                \(message.text)\(fix)</li>
                """
        }
        return """
            <section id="part-health" aria-labelledby="health"><h2 id="health" tabindex="-1">To look at</h2>
            <ul class="health">\(HTML.joined(messages))</ul></section>
            """
    }

    private static func search(_ model: PageModel) -> HTML {
        """
        <form class="find" method="get" action="\(PagePath.page)" role="search">
        <label for="find">Find a network</label>
        <input id="find" name="find" type="search" value="\(model.find)" \
        placeholder="name, gateway or prefix"> <button id="find-it">Find</button>
        </form>
        """
    }

    private static func hidden(_ model: PageModel) -> HTML {
        let rest = model.networksAll - model.shown.count
        if model.networksAll == 0 {
            return "<p class=\"rest\">None is configured: see dvpn.toml(5).</p>"
        }
        guard rest > 0 else { return .empty }
        return "<p class=\"rest\">\(rest) more are not shown.</p>"
    }

    static func clock(_ date: Date) -> HTML {
        "<time datetime=\"\(date.formatted(.iso8601))\">\(date.formatted(.iso8601.time(includingFractionalSeconds: false))) UTC</time>"
    }
}
