internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Reports

/// The page, its style and script, and its forms.
enum PageRouter {
    /// Nothing comes from elsewhere, nothing is written into the page by scripts of others, and no
    /// other page shows it in a frame.
    private static let policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    static func add(to router: Router<BasicRequestContext>, _ service: some Operator) {
        router.get(RouterPath(PagePath.page)) { request, _ in
            page(Page.document(await model(service, request)))
        }
        router.get(RouterPath(PagePath.main)) { request, _ in
            page(Page.main(await model(service, request)))
        }
        router.get(RouterPath(PagePath.style)) { _, _ in
            answer(PageStyle.text, type: "text/css; charset=utf-8")
        }
        router.get(RouterPath(PagePath.script)) { _, _ in
            answer(PageScript.text, type: "text/javascript; charset=utf-8")
        }
        for verb in APIPath.Verb.allCases {
            router.post("\(PagePath.networks)/:name/\(verb.rawValue)") { _, context in
                let name = try context.parameters.require("name", as: String.self)
                return try await acted {
                    switch verb {
                    case .up: try await service.up(name)
                    case .down: try await service.down(name)
                    case .unlock: try await service.unlock(name)
                    case .release: try await service.release(name)
                    case .resume: try await service.resume(name)
                    case .refuse: try await service.refuse(name)
                    }
                }
            }
        }
        router.post(RouterPath(PagePath.reload)) { _, _ in
            try await acted { try await service.reload() }
        }
        router.post("\(PagePath.networks)/:name/\(PagePath.secret)") { request, context in
            let name = try context.parameters.require("name", as: String.self)
            let secret = FormBody.value(of: PagePath.secret, in: try await request.text()) ?? ""
            return try await acted { try await service.provide(secret, to: name) }
        }
    }

    private static func model(_ service: some Operator, _ request: Request) async -> PageModel {
        let item = request.uri.queryParameters[Substring(PagePath.find)].map(String.init) ?? ""
        let find = String(item.prefix(100))
        let (networks, all) = await service.notable(
            NetworkSearch(find), limit: PageModel.networksMax)
        return PageModel(
            health: await service.health(), networks: networks, networksAll: all,
            connections: (try? await service.connections(network: nil)) ?? [],
            parked: (try? await service.parked(network: nil)) ?? [], check: await service.check(),
            events: service.events.events(limit: PageModel.eventsMax), now: Date(),
            find: find)
    }

    /// Back to the page, or why not: in words, since a person reads it.
    private static func acted(_ act: () async throws -> some Sendable) async throws -> Response {
        do {
            _ = try await act()
            return Response(
                status: .seeOther, headers: [.location: PagePath.page, .cacheControl: "no-store"])
        } catch let error as OperatorError {
            let text = error.fix.map { "\(error.text)\n\($0)" } ?? error.text
            var response = answer(text + "\n", type: "text/plain; charset=utf-8")
            response.status = error.httpStatus
            return response
        }
    }

    private static func page(_ html: HTML) -> Response {
        answer(html.text, type: "text/html; charset=utf-8")
    }

    /// With a stricter policy for referrers browsers would not say either where a form comes from.
    private static func answer(_ text: String, type: String) -> Response {
        var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
        for (name, value) in [
            ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
