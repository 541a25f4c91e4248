internal import Reports

/// What the configuration's files would change, as they are on disk. Pure.
enum ConfigurationSection {
    static func html(_ model: PageModel) -> HTML {
        let findings: HTML =
            switch model.check.result {
            case nil: large
            case .success(let report): changes(report, model)
            case .failure(let errors): mistakes(errors)
            }
        return """
            <section id="part-configuration" aria-labelledby="configuration" class="configuration">
            <h2 id="configuration" tabindex="-1">Configuration</h2>
            \(findings)
            <p class="rest">As on disk at \(Page.clock(model.check.at)).</p>
            </section>
            """
    }

    private static let large: HTML = """
        <p>The files are others than those in force, and too large to be checked unasked: \
        <code>dvpnctl check --diff</code> tells what a reload would change.</p>
        """

    private static func changes(_ report: ReloadReport, _ model: PageModel) -> HTML {
        // To the configuration a network that is released is not there; to a person it is.
        let released = Set(model.networks.lazy.filter { $0.state == .released }.map(\.name))
        let resumed = report.added.filter(released.contains)
        let parts: [(String, [String])] = [
            ("added", report.added.filter { !released.contains($0) }),
            ("removed", report.removed), ("changed", report.changed),
            ("settings changed", report.settings),
        ]
        let lines = parts.filter { !$0.1.isEmpty }.map { name, names -> HTML in
            "<div><dt>\(name)</dt><dd>\(list(names))</dd></div>"
        }
        let also: HTML =
            resumed.isEmpty ? .empty : "<p>A reload would resume \(list(resumed)).</p>"
        guard !lines.isEmpty else {
            return "<p>No mistakes; everything in the files is in force.</p>\(also)"
        }
        return """
            <div class="card"><p>No mistakes. A reload would make these changes:</p>
            <dl>\(HTML.joined(lines))</dl>\(also)
            <form id="do-reload" class="actions" method="post" action="\(PagePath.reload)">\
            <button id="reload">Reload</button></form></div>
            """
    }

    private static func mistakes(_ errors: ConfigErrors) -> HTML {
        let all = errors.errors
        let items = all.prefix(ConfigErrors.reportedMax).map { error -> HTML in
            let fix: HTML = error.hint.map { "<p class=\"fix\">\($0)</p>" } ?? .empty
            let picture: HTML =
                error.picture.isEmpty
                ? .empty
                : """
                <pre tabindex="0" role="region" aria-label="\(error.position.description)">\
                \(error.picture)</pre>
                """
            return """
                <li><p><code>\(error.position.description)</code> \(error.message)</p>\
                \(picture)\(fix)</li>
                """
        }
        let rest = all.count - items.count
        let more: HTML = rest > 0 ? "<p class=\"rest\">\(rest) more are not shown.</p>" : .empty
        return """
            <p class="bad">\(all.count == 1 ? "1 mistake" : "\(all.count) mistakes"): \
            a reload would change nothing.</p>
            <ul class="mistakes">\(HTML.joined(Array(items)))</ul>\(more)
            """
    }

    /// Some names, and the number of the others.
    private static func list(_ names: [String]) -> String {
        let rest = names.count - PageModel.namesMax
        return names.prefix(PageModel.namesMax).joined(separator: ", ")
            + (rest > 0 ? " and \(rest) more" : "")
    }
}
